package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Diverging is a mirror geometry whose divergence needs nothing but the points.
type Diverging interface {
	Mirror[float64]
	Divergence(z, x []float64) float64
}

// StepOfDivergence returns the step size whose mirror step from x along d ends
// at a divergence of budget from x: a step measured by how far it moves. The
// divergence grows with the step, so there is one; it is found to about twelve
// digits. It returns a [*DomainError] if budget is not positive, x is outside
// the geometry's domain, or no step goes so far, as where d is 0.
func StepOfDivergence(g Diverging, x, d []float64, budget float64) (float64, error) {
	if err := positive("the budget", budget); err != nil {
		return 0, err
	}
	sameLength("prox.StepOfDivergence", d, x)
	dual := make([]float64, len(x))
	if err := g.ToDual(dual, x); err != nil {
		return 0, err
	}
	solver, err := g.Solver(None[float64]{})
	if err != nil {
		return 0, err
	}
	z, y := make([]float64, len(x)), make([]float64, len(x))
	over := func(step float64) bool {
		copy(y, dual)
		solver.Step(Point[float64]{X: z, Piece: len(x), Direction: d, Times: 1, Dual: y}, step)
		return g.Divergence(z, x) >= budget
	}
	lo, hi := 1.0, 1.0
	for over(lo) && lo > 1e-300 {
		lo /= 4
	}
	for !over(hi) {
		if hi *= 4; hi > 1e300 {
			return 0, domain.Errorf(domain.InvalidParameter, "prox: the budget is %v: no step moves so far along this gradient", budget)
		}
	}
	for range 200 {
		middle := math.Sqrt(lo) * math.Sqrt(hi)
		if middle <= lo || middle >= hi || hi-lo <= 1e-14*hi {
			break
		}
		if over(middle) {
			hi = middle
		} else {
			lo = middle
		}
	}
	return hi, nil
}
