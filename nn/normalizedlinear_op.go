package nn

import (
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

type normalizedLinear[F tensor.Float] struct {
	x, weight, bias, gamma, y *autodiff.Var[F]

	w        *tensor.Tensor[F] // the weights, or a copy with rows scaled by 2^−exponent
	exponent []int32           // nil where w is the weights themselves
	inverse  []F               // 1/n of each row of w
	pull     []F               // ∂n/∂w = pull·w: 1/n, or 0 where n is constant
	s        []F               // what Gamma multiplies, [batch, out]; nil without Gamma

	dy, dw tensor.Tensor[F] // dL/d(w·x), and the gradient in w
	c      []F              // of each row: how much of w the norm takes from dw, then its negative
}

func (op *normalizedLinear[F]) set(i int, n float64, moves bool) {
	op.inverse[i], op.pull[i] = F(1/n), 0
	if moves || math.IsNaN(n) {
		op.pull[i] = op.inverse[i]
	}
}

// apply computes y: one product, then each column by its factor.
func (op *normalizedLinear[F]) apply(tape *autodiff.Tape[F]) {
	how := tensor.Product[F]{TransB: true}
	if op.bias != nil && op.gamma == nil {
		how.Bias = op.bias.Value.Data
		if op.exponent != nil {
			how.Bias = tape.Scratch(len(op.exponent))
			copy(how.Bias, op.bias.Value.Data)
			op.unscale(how.Bias)
		}
	}
	y, out := op.y.Value.Data, len(op.inverse)
	tensor.MatMul(op.y.Value, op.x.Value, op.w, how)
	for ; len(y) > 0; y = y[out:] {
		simd.Mul(y[:out], y[:out], op.inverse)
	}
	if op.gamma == nil {
		return
	}
	y = op.y.Value.Data
	op.s = tape.Scratch(len(y))
	copy(op.s, y)
	for ; len(y) > 0; y = y[out:] {
		simd.Mul(y[:out], y[:out], op.gamma.Value.Data)
		if op.bias != nil {
			simd.Add(y[:out], y[:out], op.bias.Value.Data)
		}
	}
}

// unscale multiplies the elements of a vector by 2^−exponent.
func (op *normalizedLinear[F]) unscale(v []F) {
	for i, e := range op.exponent {
		v[i] = F(math.Ldexp(float64(v[i]), -int(e)))
	}
}

// Pull, with s = y and γ = 1 where there is no Gamma, and u = γ·dy/n: dx += u·W;
// dW += uᵀ·x − c·W, c = γ·(Σ dy·s)/n² or 0 where n is constant; db += Σ u, or
// Σ dy under Gamma; dγ += Σ dy·s. Sums are over the batch.
func (op *normalizedLinear[F]) Pull() {
	tape, out := op.y.Tape(), len(op.inverse)
	dy, s := op.y.Grad, op.s
	if s == nil {
		s = op.y.Value.Data
	}
	op.dy = tensor.Tensor[F]{Shape: dy.Shape, Data: tape.Scratch(len(dy.Data))}
	op.c = tape.Scratch(out)
	if op.weight.Wanted() || op.gamma != nil && op.gamma.Wanted() {
		simd.Mul(op.dy.Data, dy.Data, s)
		tensor.ColumnSums(op.c, &op.dy, false)
	}
	factor := op.inverse
	if op.gamma != nil {
		if g := op.gamma.Accumulate(); g != nil {
			simd.Add(g, g, op.c)
		}
		factor = tape.Scratch(out)
		simd.Mul(factor, op.inverse, op.gamma.Value.Data)
	}
	for at := 0; at < len(dy.Data); at += out {
		simd.Mul(op.dy.Data[at:at+out], dy.Data[at:at+out], factor)
	}
	if _, first := op.x.Contribute(); op.x.Wanted() {
		tensor.MatMul(op.x.Grad, &op.dy, op.w, tensor.Product[F]{Add: !first})
	}
	op.pullBias(dy)
	if op.weight.Wanted() {
		simd.Mul(op.c, op.c, op.pull)
		simd.Mul(op.c, op.c, factor)
		op.pullWeight(tape)
	}
}

func (op *normalizedLinear[F]) pullBias(dy *tensor.Tensor[F]) {
	if op.bias == nil || !op.bias.Wanted() {
		return
	}
	g, first := op.bias.Contribute()
	switch {
	case op.gamma != nil:
		tensor.ColumnSums(g, dy, !first)
	case op.exponent == nil:
		tensor.ColumnSums(g, &op.dy, !first)
	default:
		sums := op.y.Tape().Scratch(len(g))
		tensor.ColumnSums(sums, &op.dy, false)
		op.unscale(sums)
		if first {
			clear(g)
		}
		simd.Add(g, g, sums)
	}
}

func (op *normalizedLinear[F]) pullWeight(tape *autodiff.Tape[F]) {
	g, first := op.weight.Contribute()
	op.dw = tensor.Tensor[F]{Shape: op.w.Shape, Data: g}
	if op.exponent != nil {
		op.dw.Data = tape.Scratch(len(g))
	}
	simd.Scale(op.c, op.c, -1)
	tensor.MatMul(&op.dw, &op.dy, op.x.Value, tensor.Product[F]{TransA: true, Add: !first && op.exponent == nil, Addend: op.w, Scales: op.c})
	if op.exponent == nil {
		return
	}
	if first {
		clear(g)
	}
	width := op.w.Shape[1]
	for i, v := range op.dw.Data {
		g[i] += F(math.Ldexp(float64(v), -int(op.exponent[i/width])))
	}
}
