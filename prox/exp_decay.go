package prox

import "math"

// ExpDecay is ρ = Lambda·e^(−r/Scale), Lambda ≥ 0, Scale > 0: it drives
// vectors away from 0. It decreases, so ρ(‖x‖) is not convex, and at a = 0 a
// whole sphere is optimal. Its length is found by Newton's method.
type ExpDecay struct{ Lambda, Scale float64 }

// Validate refuses parameters outside their domain.
func (p ExpDecay) Validate() error {
	if err := positive("ExpDecay.Scale", p.Scale); err != nil {
		return err
	}
	return nonNegative("ExpDecay.Lambda", p.Lambda)
}

// At is Lambda·e^(−r/Scale).
func (p ExpDecay) At(r float64) float64 { return p.Lambda * math.Exp(-r/p.Scale) }

// Length is argmin over l ≥ 0 of Lambda·e^(−l/Scale) + (l−a)²/(2·step): the root
// of l = a + step·Lambda/Scale·e^(−l/Scale).
func (p ExpDecay) Length(a, step float64) float64 {
	if p.Lambda == 0 {
		return a
	}
	return solveConvex(p, a, step)
}

// Convex is true.
func (ExpDecay) Convex(float64) bool { return true }

// Slope is −Lambda/Scale·e^(−r/Scale).
func (p ExpDecay) Slope(r float64) float64 { return -p.At(r) / p.Scale }

// Curvature is Lambda/Scale²·e^(−r/Scale).
func (p ExpDecay) Curvature(r float64) float64 { return p.At(r) / p.Scale / p.Scale }
