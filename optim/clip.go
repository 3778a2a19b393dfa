package optim

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// ClipNorm scales all gradients by one factor so that their Euclidean norm
// together, over every parameter of the optimiser, is at most Max > 0. It
// comes first in a [Chain]. Source: Pascanu et al. 2013.
type ClipNorm[F tensor.Float] struct{ Max float64 }

// Validate refuses a Max that is not positive and finite.
func (c ClipNorm[F]) Validate() error { return validMax("ClipNorm", c.Max) }

// Slots is empty.
func (ClipNorm[F]) Slots() []string { return nil }

// WantsNorm is true.
func (ClipNorm[F]) WantsNorm() bool { return true }

// Direct scales the gradient by min(1, Max/‖all gradients‖).
func (c ClipNorm[F]) Direct(in Block[F], _ [][]F, now Now) Block[F] {
	if now.GradientNorm > c.Max {
		in.Times *= c.Max / now.GradientNorm
	}
	return in
}

// ClipValue limits each component of the gradient to ±Max, Max > 0. It comes
// before anything but clipping in a [Chain].
type ClipValue[F tensor.Float] struct{ Max float64 }

// Validate refuses a Max that is not positive and finite.
func (c ClipValue[F]) Validate() error { return validMax("ClipValue", c.Max) }

// Slots is empty.
func (ClipValue[F]) Slots() []string { return nil }

// WantsNorm is false.
func (ClipValue[F]) WantsNorm() bool { return false }

// Direct clips Times·Direction.
func (c ClipValue[F]) Direct(in Block[F], _ [][]F, _ Now) Block[F] {
	limit, times := F(c.Max), F(in.Times)
	for i, d := range in.Direction {
		in.Scratch[i] = max(-limit, min(limit, times*d))
	}
	in.Direction, in.Times = in.Scratch, 1
	return in
}

// wantsNorm reports whether e clips by the norm of all gradients, which only the
// first part of a chain does.
func wantsNorm[F tensor.Float](e Estimator[F]) bool {
	if c, ok := e.(chain[F]); ok {
		return wantsNorm(c.First)
	}
	c, ok := e.(Clipper)
	return ok && c.WantsNorm()
}

func validMax(name string, limit float64) error {
	if !(limit > 0) || math.IsInf(limit, 1) {
		return invalid("%s.Max is %v: want a finite number above 0", name, limit)
	}
	return nil
}
