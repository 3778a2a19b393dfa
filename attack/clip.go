package attack

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// clip is the step for P = ∞, in which every element is on its own.
func (s *steps[F]) clip(at, from, g []F, radius float64) error {
	if !simd.Finite(g) {
		return errNotFinite()
	}
	if inner, ok := s.inner(radius); ok {
		s.clipRows(at, from, g, inner, s.stepSize(radius))
		return nil
	}
	step := F(s.stepSize(radius))
	if s.attack.Direction == Minimiser {
		step = F(math.Inf(1))
	}
	sign := F((*search[F])(s).sign())
	for j, v := range g {
		switch x := from[j]; {
		case sign*v > 0:
			at[j] = max(moved(x, -radius, s.attack.Box), at[j]-step)
		case sign*v < 0:
			at[j] = min(moved(x, radius, s.attack.Box), at[j]+step)
		case s.attack.Direction == Minimiser:
			at[j] = x
		}
	}
	return nil
}

// inner returns the radius within which x + δ, rounded to nearest, stays
// inside the ball for every x in the box, if the box is so small that this
// costs less than 1/4096 of the radius.
func (s *steps[F]) inner(radius float64) (inner float64, ok bool) {
	unit, _ := precision[F]()
	reach := math.Max(math.Abs(s.attack.Box.Lo), math.Abs(s.attack.Box.Hi))
	loss := unit * (reach + radius)
	return (radius - loss) * (1 - 2*unit), loss <= radius/4096
}

// clipRows is clip by whole loops, inside a radius.
func (s *steps[F]) clipRows(at, from, g []F, radius, step float64) {
	sign := (*search[F])(s).sign()
	lo, hi := inside[F](s.attack.Box)
	if s.attack.Direction == Minimiser {
		simd.SignStep(at, from, g, F(-sign*radius), lo, hi)
		return
	}
	all := F(math.Inf(1))
	simd.SignStep(at, at, g, F(-sign*step), -all, all)
	simd.Sub(at, at, from)
	simd.Clamp(at, at, F(-radius), F(radius))
	simd.Add(at, at, from)
	simd.Clamp(at, at, lo, hi)
}

// inside returns the least and the greatest number of F in a box.
func inside[F tensor.Float](box Box) (lo, hi F) {
	lo, hi = F(box.Lo), F(box.Hi)
	if float64(lo) < box.Lo {
		lo = next(lo, F(math.Inf(1)))
	}
	if float64(hi) > box.Hi {
		hi = next(hi, F(math.Inf(-1)))
	}
	return lo, hi
}
