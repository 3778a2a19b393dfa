package binarynet

import (
	"errors"
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// Hysteresis is the geometry of Bop, the binary optimiser: the same dual state
// as in the Bernoulli geometry, pulled towards 0 as it moves, and another map
// from it to the weight,
//
//	y ← (1 − step)·y − step·d,  x = 1 where y > Threshold, 0 where y < −Threshold,
//
// and where it was between: −y is the running average of the gradient, and a
// weight flips once the average opposes it by more than the threshold. It begins
// with y = 0 and rounds every x to the nearer of 0 and 1. It has no penalties.
// Source: Helwegen et al. 2019.
type Hysteresis[F tensor.Float] struct{ Threshold float64 }

// Solver returns the step, or an error if there is a penalty or the threshold
// is negative or not a number.
func (h Hysteresis[F]) Solver(penalty prox.Penalty[F]) (prox.Solver[F], error) {
	if _, ok := penalty.(prox.None[F]); !ok {
		return nil, errors.New("binarynet.Hysteresis has no closed form with a penalty: want prox.None")
	}
	if !(h.Threshold >= 0) || math.IsInf(h.Threshold, 1) {
		return nil, domain.Errorf(domain.InvalidParameter, "a threshold of %v: want a finite number, not negative", h.Threshold)
	}
	return hysteresisStep[F]{F(h.Threshold)}, nil
}

// Piece is 0: coordinates are independent.
func (Hysteresis[F]) Piece([]int) int { return 0 }

// ToDual writes 0, and rounds x to 0 or 1. It returns a [*DomainError] if an
// element is outside [0, 1].
func (Hysteresis[F]) ToDual(y, x []F) error {
	for i, v := range x {
		if !(v >= 0 && v <= 1) {
			return domain.Errorf(domain.InvalidParameter, "element %d is %v: want a number in [0, 1]", i, v)
		}
		y[i], x[i] = 0, 0
		if v >= 0.5 {
			x[i] = 1
		}
	}
	return nil
}

// FromDual flips those x that y has passed the threshold against.
func (h Hysteresis[F]) FromDual(x, y []F) {
	t := F(h.Threshold)
	for i, v := range y {
		switch {
		case v > t:
			x[i] = 1
		case v < -t:
			x[i] = 0
		case v != v:
			x[i] = v // NaN
		}
	}
}

type hysteresisStep[F tensor.Float] struct{ threshold F }

func (hysteresisStep[F]) Piece([]int) int { return 0 }

func (s hysteresisStep[F]) Step(at prox.Point[F], step float64) {
	simd.Scale(at.Dual, at.Dual, F(1-step))
	simd.AddScaled(at.Dual, at.Direction, F(-step*at.Times))
	Hysteresis[F]{float64(s.threshold)}.FromDual(at.X, at.Dual)
}

// BopStep is [Hysteresis] along the raw gradient: rate is Bop's adaptivity rate
// γ, threshold its τ.
func BopStep[F tensor.Float](rate, threshold float64) optim.Step[F] {
	s := optim.SGDStep[F](rate)
	s.Geometry = Hysteresis[F]{Threshold: threshold}
	return s
}
