package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Simplex is the geometry of probability vectors, of an array as a whole or of
// each row: D(z, x) = Σ z log(z/x). The minimiser of ⟨d, z⟩ + D(z, x)/step
// is a step in y = log x,
//
//	y ← y − step·d − lse(y − step·d),  x = e^y,
//
// exponentiated gradients. Entries that start at 0 stay 0. A constant in d
// changes nothing. Penalties that implement [PositivePenalty] have a closed
// form in it: they are constant there.
// Source: Kivinen and Warmuth 1997; docs/mirror-descent.md.
type Simplex[F tensor.Float] struct{ Per Per }

// Solver returns the mirror step with penalty, or an error that names both
// parts if penalty is no [PositivePenalty].
func (g Simplex[F]) Solver(penalty Penalty[F]) (Solver[F], error) {
	if err := g.Per.validate("Simplex"); err != nil {
		return nil, err
	}
	if _, ok := penalty.(PositivePenalty[F]); !ok {
		return nil, noClosedForm(penalty, g)
	}
	return simplexStep[F]{g}, nil
}

// Piece is the size of a row, or of the array.
func (g Simplex[F]) Piece(shape []int) int { return g.Per.piece(shape) }

// ToDual writes log x of one probability vector to y. It returns a
// [*DomainError] if an entry is negative, or if they do not sum to 1 within
// 1e-9 (1e-5 for float32).
func (Simplex[F]) ToDual(y, x []F) error {
	sameLength("prox.Simplex", y, x)
	tolerance := 1e-9
	if single[F]() {
		tolerance = 1e-5
	}
	for i, v := range x {
		if !(v >= 0) {
			return domain.Errorf(domain.InvalidDistribution, "prox: element %d is %v: want a probability", i, v)
		}
	}
	if sum := simd.Sum(x); !(math.Abs(sum-1) <= tolerance) {
		return domain.Errorf(domain.InvalidDistribution, "prox: %d probabilities sum to %v: want 1", len(x), sum)
	}
	simd.Log(y, x)
	return nil
}

// FromDual writes e^y.
func (Simplex[F]) FromDual(x, y []F) { simd.Exp(x, y) }

// Divergence returns Σ z log(z/x) of two probability vectors, +Inf where x is 0
// and z is not. Near z = x it has its digits.
func (Simplex[F]) Divergence(z, x []F) float64 { return orthantDivergence(z, x) }

// Objective returns the value at the minimiser of ⟨d, z−x⟩ + D(z, x)/step over
// the simplex, −lse(log x − step·d)/step − ⟨d, x⟩, for one probability vector x.
func (Simplex[F]) Objective(d, x []F, step float64) float64 {
	sameLength("prox.Simplex", d, x)
	// Σ x·e^(−step·(d−least)) is 1 + moved; each form has its digits where it
	// is used.
	least := math.Inf(1)
	for i, v := range d {
		if x[i] > 0 {
			least = min(least, float64(v))
		}
	}
	total, moved, mean := 0.0, 0.0, 0.0
	for i, v := range d {
		if x[i] > 0 {
			above := float64(v) - least
			total += float64(x[i]) * math.Exp(-step*above)
			moved += float64(x[i]) * math.Expm1(-step*above)
			mean += float64(x[i]) * above
		}
	}
	if moved < -0.5 {
		return -math.Log(total)/step - mean
	}
	return -math.Log1p(moved)/step - mean
}

type simplexStep[F tensor.Float] struct{ Simplex[F] }

func (s simplexStep[F]) Step(at Point[F], step float64) {
	for lo := 0; lo < len(at.X); lo += at.Piece {
		hi := lo + at.Piece
		y := at.Dual[lo:hi]
		slide(y, at.Direction[lo:hi], step*at.Times)
		normalise(y)
		simd.Exp(at.X[lo:hi], y)
	}
}

// slide subtracts step·(d − least d) from y, least among the entries of
// positive probability: a large common term of d never meets y, and where
// products overflow the least entries stay.
func slide[F tensor.Float](y, d []F, step float64) {
	least := math.Inf(1)
	for i, v := range d {
		if y[i] > F(math.Inf(-1)) {
			least = min(least, float64(v))
		}
	}
	for i, v := range d {
		if y[i] > F(math.Inf(-1)) {
			y[i] -= F(step * (float64(v) - least))
		} else {
			y[i] += 0 * v // stays −Inf, and NaN shows
		}
	}
}

// normalise subtracts the logarithm of Σ e^y from y, in two turns, so that a
// large common term is gone before the logarithm is rounded.
func normalise[F tensor.Float](y []F) {
	shift(y, -float64(simd.Max(y)))
	shift(y, -math.Log(simd.SumExp(y, 0)))
}
