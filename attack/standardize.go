package attack

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Standardize is the layer (x − Mean)/Std, which a network that was trained on
// standardised data needs before it when balls and boxes are those of the data
// as they come: nn.Sequential{standardize, network}. Mean and Std hold one
// number for each element of an image, for each channel (the first index of
// its shape), or one for all. It has no parameters.
type Standardize[F tensor.Float] struct{ Mean, Std []F }

// NewStandardize returns the layer, or a [*DomainError] if there is not one
// deviation for each mean, a number is not finite or a deviation not positive.
func NewStandardize[F tensor.Float](mean, std []F) (*Standardize[F], error) {
	l := &Standardize[F]{mean, std}
	return l, l.Validate()
}

// Validate reports fields that do not fit.
func (l *Standardize[F]) Validate() error {
	if len(l.Mean) == 0 || len(l.Mean) != len(l.Std) {
		return invalid("%d means and %d deviations: want one of each, or as many as channels or elements", len(l.Mean), len(l.Std))
	}
	for i, s := range l.Std {
		if m := float64(l.Mean[i]); !(s > 0) || math.IsInf(float64(s), 1) || m-m != 0 {
			return invalid("mean %d is %v, its deviation %v: want finite numbers and a positive deviation", i, m, s)
		}
	}
	return nil
}

// OutputShape is the input's shape.
func (l *Standardize[F]) OutputShape(input []int) ([]int, error) {
	n, size := len(l.Mean), tensor.Size(input)
	if n != 1 && n != size && (len(input) == 0 || n != input[0]) {
		return nil, fmt.Errorf("standardize: input of shape %v, want one that %d means fit", input, n)
	}
	return input, nil
}

// Forward returns (x − Mean)/Std. It panics with a [*tensor.ShapeError] if x
// does not fit.
func (l *Standardize[F]) Forward(p *nn.Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	xs := x.Shape()
	if len(xs) < 2 {
		panic(tensor.Mismatch("attack.Standardize", "[batch …]", xs))
	}
	if _, err := l.OutputShape(xs[1:]); err != nil {
		panic(tensor.Mismatch("attack.Standardize", err.Error(), xs))
	}
	y := p.Tape.Output(xs, x)
	op := standardize[F]{l, x, y, tensor.Size(xs[1:]) / len(l.Mean)}
	for at, c := range op.groups() {
		for i, v := range x.Value.Data[at : at+op.area] {
			y.Value.Data[at+i] = (v - l.Mean[c]) / l.Std[c]
		}
	}
	return autodiff.Record(y, op)
}

type standardize[F tensor.Float] struct {
	layer *Standardize[F]
	x, y  *autodiff.Var[F]
	area  int // elements for each mean
}

// groups yields where each group of elements with one mean begins, and its
// mean.
func (op *standardize[F]) groups() func(func(at, c int) bool) {
	return func(yield func(at, c int) bool) {
		for g := range len(op.x.Value.Data) / max(op.area, 1) {
			if !yield(g*op.area, g%len(op.layer.Mean)) {
				return
			}
		}
	}
}

// Pull: dx += dy/Std.
func (op *standardize[F]) Pull() {
	dx := op.x.Accumulate()
	for at, c := range op.groups() {
		for i, dy := range op.y.Grad.Data[at : at+op.area] {
			dx[at+i] += dy / op.layer.Std[c]
		}
	}
}
