package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Orthant is the geometry of positive arrays: D(z, x) = Σ z log(z/x) − z + x. The
// minimiser of ⟨d, z⟩ + D(z, x)/step is a step in y = log x,
//
//	y ← y − step·d,  x = e^y.
//
// Entries that start at 0 stay 0. Penalties that implement [PositivePenalty]
// have a closed form in it. Source: docs/mirror-descent.md.
type Orthant[F tensor.Float] struct{}

// Solver returns the mirror step with penalty, or an error that names both
// parts if penalty is no [PositivePenalty].
func (g Orthant[F]) Solver(penalty Penalty[F]) (Solver[F], error) {
	p, ok := penalty.(PositivePenalty[F])
	if !ok {
		return nil, noClosedForm(penalty, g)
	}
	return orthantStep[F]{p.SlopeOnPositive()}, nil
}

// Piece is 0: coordinates are independent.
func (Orthant[F]) Piece([]int) int { return 0 }

// ToDual writes log x to y. It returns a [*DomainError] if an element is
// negative or not finite.
func (Orthant[F]) ToDual(y, x []F) error {
	sameLength("prox.Orthant", y, x)
	for i, v := range x {
		if !(v >= 0) || math.IsInf(float64(v), 1) {
			return invalid("element %d is %v: want a finite number of at least 0", i, v)
		}
	}
	simd.Log(y, x)
	return nil
}

// FromDual writes e^y.
func (Orthant[F]) FromDual(x, y []F) { simd.Exp(x, y) }

// Divergence returns Σ z log(z/x) − z + x, +Inf where x is 0 and z is not. Near
// z = x it has its digits.
func (Orthant[F]) Divergence(z, x []F) float64 { return orthantDivergence(z, x) }

func orthantDivergence[F tensor.Float](z, x []F) float64 {
	sameLength("prox.Divergence", z, x)
	sum := 0.0
	for i := range x {
		p, moved := float64(x[i]), float64(z[i])-float64(x[i])
		switch {
		case moved == 0:
		case p == 0:
			return math.Inf(1)
		default:
			sum += p * entropyBend(moved/p)
		}
	}
	return sum
}

type orthantStep[F tensor.Float] struct{ slope float64 }

func (orthantStep[F]) Piece([]int) int { return 0 }

func (s orthantStep[F]) Step(at Point[F], step float64) {
	shift(at.Dual, -step*s.slope)
	simd.AddScaled(at.Dual, at.Direction, F(-step*at.Times))
	simd.Exp(at.X, at.Dual)
}
