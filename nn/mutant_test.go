package nn_test

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// mutant is a layer as one operation, with a fault in its pullback.
type mutant[F tensor.Float] struct {
	layer  nn.Layer[F]
	pass   *nn.Pass[F]
	params []*nn.Param[F]
	fault  fault[F]
	effect float64 // the largest relative error of a gradient so far

	right, wrong []*tensor.Tensor[F] // the gradients of the last run
}

func newMutant[F tensor.Float](layer nn.Layer[F], f fault[F]) *mutant[F] {
	m := &mutant[F]{layer: layer, fault: f, pass: &nn.Pass[F]{Tape: autodiff.NewTape[F](), Train: true}}
	for _, p := range nn.Params[F](layer) {
		m.params = append(m.params, p)
	}
	return m
}

// run records the true layer on a tape of the mutant's own.
func (m *mutant[F]) run(x *tensor.Tensor[F]) (in, y *autodiff.Var[F]) {
	m.pass.Tape.Reset()
	m.pass.Rand = rand.New(rand.NewPCG(3, 3))
	in = m.pass.Tape.Variable(x)
	return in, m.layer.Forward(m.pass, in)
}

// forward is the function to check: x[0] is the layer's input and the others
// its parameters.
func (m *mutant[F]) forward(tape *autodiff.Tape[F], x []*autodiff.Var[F]) *autodiff.Var[F] {
	_, inside := m.run(x[0].Value)
	y := tape.Output(inside.Shape(), x...)
	copy(y.Value.Data, inside.Value.Data)
	return autodiff.Record(y, mutantOp[F]{m, x, y})
}

// gradients returns the true gradients of ⟨dy, layer⟩ in x.
func (m *mutant[F]) gradients(x *tensor.Tensor[F], dy []F) []*tensor.Tensor[F] {
	in, y := m.run(x)
	m.pass.Tape.BackwardFrom(y, dy)
	gradients := []*tensor.Tensor[F]{tensor.New[F](x.Shape...)}
	if in.Grad != nil {
		copy(gradients[0].Data, in.Grad.Data)
	}
	for _, p := range m.params {
		gradients = append(gradients, p.Grad.Clone())
	}
	return gradients
}

type mutantOp[F tensor.Float] struct {
	m *mutant[F]
	x []*autodiff.Var[F]
	y *autodiff.Var[F]
}

// Pull adds what the fault makes of the true gradients.
func (op *mutantOp[F]) Pull() {
	x, dy := op.x[0].Value, op.y.Grad
	right := op.m.gradients(x, dy.Data)
	wrong := right
	if f := op.m.fault.cotangent; f != nil {
		bent := dy.Clone()
		f(bent)
		wrong = op.m.gradients(x, bent.Data)
	} else {
		wrong = slices.Clone(right)
		for i := range wrong {
			wrong[i] = right[i].Clone()
		}
	}
	if f := op.m.fault.gradient; f != nil {
		values := make([]*tensor.Tensor[F], len(op.x))
		for i, v := range op.x {
			values[i] = v.Value
		}
		f(wrong, values)
	}
	op.m.right, op.m.wrong = right, wrong
	for i, v := range op.x {
		op.m.effect = max(op.m.effect, apart(wrong[i].Data, right[i].Data))
		g, first := v.Contribute()
		if store := op.m.fault.stores == i+1; first || store {
			if !first {
				op.m.effect = 1
			}
			copy(g, wrong[i].Data)
			continue
		}
		for j, w := range wrong[i].Data {
			g[j] += w
		}
	}
}

// apart returns the largest error of an element, relative to it or to the root
// mean square of all.
func apart[F tensor.Float](a, b []F) float64 {
	var squares, most float64
	for j := range b {
		squares += (float64(a[j])*float64(a[j]) + float64(b[j])*float64(b[j])) / float64(len(b))
	}
	size := math.Sqrt(squares)
	for j := range b {
		if e := math.Abs(float64(a[j]) - float64(b[j])); e > 0 {
			most = max(most, e/max(size, math.Abs(float64(a[j])), math.Abs(float64(b[j]))))
		}
	}
	return most
}
