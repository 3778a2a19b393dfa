package moments

import (
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Measure runs a batch [batch, …] of at least two examples through a model and
// back, from a normal random gradient in its outputs, and puts what it finds
// beside what [Propagate] predicts for the batch's own moments. The Rand serves
// the gradient and Dropout. BatchNorm's running moments move while Training, as
// in a step. The error is Propagate's, or says what does not fit.
func Measure[F tensor.Float](model nn.Layer[F], batch *tensor.Tensor[F], mode Mode, rng *rand.Rand) (*Table, error) {
	in, err := Of(batch)
	if err != nil {
		return nil, err
	}
	table, err := Propagate(model, in, mode)
	if err != nil {
		return nil, err
	}
	m := &measuring[F]{pass: &nn.Pass[F]{Tape: autodiff.NewTape[F](), Train: mode == Training, Rand: rng}}
	x := m.pass.Tape.Variable(batch)
	m.outputs = []*autodiff.Var[F]{x}
	y := m.forward(model, x)
	dy := tensor.New[F](y.Shape()...)
	tensor.Normal(dy, rng, 0, 1)
	m.pass.Tape.BackwardFrom(y, dy.Data)
	scale := squares(dy.Data)
	for i, v := range m.outputs {
		table.Rows[i].Measured = measured(v, scale)
	}
	return table, nil
}

// measuring keeps every output that [walk] gives a row, in the same order.
type measuring[F tensor.Float] struct {
	pass    *nn.Pass[F]
	outputs []*autodiff.Var[F]

	// after, where it is set, may put other outputs in place of a layer's.
	after func(layer nn.Layer[F], y *autodiff.Var[F]) *autodiff.Var[F]
}

func (m *measuring[F]) forward(layer nn.Layer[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	switch l := layer.(type) {
	case nn.Sequential[F]:
		for _, inner := range l {
			x = m.forward(inner, x)
		}
		return x
	case *nn.Residual[F]:
		a, b := m.forward(l.Body, x), x
		if l.Projection != nil {
			b = m.forward(l.Projection, x)
		}
		x = autodiff.Add(b, a)
	default:
		x = l.Forward(m.pass, x)
		if m.after != nil {
			x = m.after(layer, x)
		}
	}
	m.outputs = append(m.outputs, x.Keep())
	return x
}

// squares is the mean of the squares.
func squares[F tensor.Float](x []F) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(x))
}

func measured[F tensor.Float](v *autodiff.Var[F], gradient float64) *Values {
	x := v.Value.Data
	batch := v.Shape()[0]
	units := len(x) / batch
	var r Values
	r.Mean, r.Variance = sample(x)
	r.Histogram = histogramOf(x, r.Mean, r.Variance)
	if v.Grad != nil && gradient > 0 {
		r.Gradient = squares(v.Grad.Data) / gradient
	}
	cross, total, constant := 0.0, 0.0, 0
	for u := range units {
		sum, square, same := 0.0, 0.0, true
		for b := range batch {
			y := float64(x[b*units+u])
			sum += y
			square += y * y
			same = same && x[b*units+u] == x[u]
		}
		total += square / float64(batch)
		cross += (sum*sum - square) / (float64(batch) * float64(batch-1))
		if same {
			constant++
		}
	}
	if total > 0 {
		r.Likeness = cross / total
	}
	r.Constant = float64(constant) / float64(units)
	return &r
}
