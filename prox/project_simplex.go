package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// ProjectSimplex writes the point of {x ≥ 0, Σx = total} nearest to v, in the
// Euclidean norm, to dst, which may be v itself: max(0, v−τ) with the one τ that
// gives the sum. τ is found exactly, by dropping the entries at or below it
// until none is left to drop. It returns a [*DomainError] if total is not
// positive, or v is empty or not finite. Source: Michelot 1986.
func ProjectSimplex[F tensor.Float](dst, v []F, total float64) error {
	sameLength("prox.ProjectSimplex", dst, v)
	if err := positive("the total", total); err != nil {
		return err
	}
	if err := finite(v); err != nil {
		return err
	}
	if len(v) == 0 {
		return invalid("no element: want at least 1 to sum to %v", total)
	}
	tau := threshold(v, total)
	for i, x := range v {
		dst[i] = F(max(0, float64(x)-tau))
	}
	return nil
}

// threshold returns the τ with Σ max(0, v−τ) = total > 0. Each round solves
// for the entries above the last τ; τ rises until they stay the same.
func threshold[F tensor.Float](v []F, total float64) float64 {
	tau, left := math.Inf(-1), -1
	for {
		sum, n := 0.0, 0
		for _, x := range v {
			if w := float64(x); w > tau {
				sum += w
				n++
			}
		}
		if n == left || n == 0 {
			return tau
		}
		tau, left = (sum-total)/float64(n), n
	}
}

// finite refuses a slice with a NaN or an infinity.
func finite[F tensor.Float](v []F) error {
	if m := float64(simd.AbsMax(v)); !(m <= math.MaxFloat64) {
		return invalid("a number in the point to project is %v: want finite numbers", m)
	}
	return nil
}
