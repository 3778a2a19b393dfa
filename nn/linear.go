package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Linear is the affine map y = x·Wᵀ + b of x [batch, in] to [batch, out].
type Linear[F tensor.Float] struct {
	Weight *Param[F] // [out, in]
	Bias   *Param[F] // [out], or nil for none
}

// NewLinear returns a layer with weights and biases drawn from the uniform
// distribution on ±1/√in, PyTorch's default. It panics unless in and out are
// positive.
func NewLinear[F tensor.Float](in, out int, rng *rand.Rand) *Linear[F] {
	mustBePositive("nn.NewLinear", in, out)
	l := &Linear[F]{Weight: NewParam[F](out, in), Bias: NewParam[F](out)}
	bound := 1 / math.Sqrt(float64(in))
	tensor.Uniform(l.Weight.Value, rng, -bound, bound)
	tensor.Uniform(l.Bias.Value, rng, -bound, bound)
	return l
}

// Validate reports shapes of Weight and Bias that do not fit together.
func (l *Linear[F]) Validate() error {
	if err := checkShape("linear", "weight", l.Weight, "out", "in"); err != nil {
		return err
	}
	return checkOptional("linear", "bias", l.Bias, l.Weight.Value.Shape[0])
}

// Forward returns x·Wᵀ + b.
func (l *Linear[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	return l.forward(p, x, false)
}

// forward is Forward, or its ReLU: one operation, which stores only what comes
// out of both.
func (l *Linear[F]) forward(p *Pass[F], x *autodiff.Var[F], relu bool) *autodiff.Var[F] {
	xs, ws := x.Shape(), l.Weight.Value.Shape
	if len(xs) != 2 || len(ws) != 2 || xs[1] != ws[1] {
		panic(tensor.Mismatch("nn.Linear", "x [batch in] and weight [out in]", xs, ws))
	}
	how := tensor.Product[F]{TransB: true, ReLU: relu}
	weight, bias := p.Use(l.Weight), p.Use(l.Bias)
	inputs := [3]*autodiff.Var[F]{x, weight, bias}
	n := 2
	if bias != nil {
		if len(bias.Value.Data) != ws[0] {
			panic(tensor.Mismatch("nn.Linear", "weight [out in] and bias [out]", ws, bias.Shape()))
		}
		how.Bias = bias.Value.Data
		n = 3
	}
	shape := [2]int{xs[0], ws[0]}
	y := p.Tape.Output(shape[:], inputs[:n]...)
	tensor.MatMul(y.Value, x.Value, weight.Value, how)
	return autodiff.Record(y, linear[F]{x, weight, bias, y, relu, tensor.Tensor[F]{}})
}

// OutputShape is [out] for an input of [in].
func (l *Linear[F]) OutputShape(input []int) ([]int, error) {
	if in := l.Weight.Value.Shape[1]; len(input) != 1 || input[0] != in {
		return nil, fmt.Errorf("linear: input of shape %v, want [%d]", input, in)
	}
	return []int{l.Weight.Value.Shape[0]}, nil
}

type linear[F tensor.Float] struct {
	x, weight, bias, y *autodiff.Var[F]

	relu bool
	dz   tensor.Tensor[F] // where relu is set: what it lets through of dy
}

// Pull, with dz = dy, or under a ReLU dy where y > 0: dx += dz·W, dW += dzᵀ·x,
// db += Σ over the batch of dz.
func (op *linear[F]) Pull() {
	dz := op.y.Grad
	if op.relu {
		op.dz = *op.y.Grad
		if op.y.Kept() {
			op.dz.Data = op.y.Tape().Scratch(len(op.dz.Data))
		}
		simd.ReLUPull(op.dz.Data, op.y.Value.Data, op.y.Grad.Data, false)
		dz = &op.dz
	}
	if _, first := op.x.Contribute(); op.x.Wanted() {
		tensor.MatMul(op.x.Grad, dz, op.weight.Value, tensor.Product[F]{Add: !first})
	}
	if _, first := op.weight.Contribute(); op.weight.Wanted() {
		tensor.MatMul(op.weight.Grad, dz, op.x.Value, tensor.Product[F]{TransA: true, Add: !first})
	}
	if op.bias != nil && op.bias.Wanted() {
		g, first := op.bias.Contribute()
		tensor.ColumnSums(g, dz, !first)
	}
}
