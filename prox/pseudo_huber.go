package prox

import "math"

// PseudoHuber is ρ = Lambda·(√(r²+Delta²) − Delta), a smooth [Huber] of slope
// Lambda; Lambda ≥ 0, Delta > 0. Its length is found by Newton's method.
type PseudoHuber struct{ Lambda, Delta float64 }

// Validate refuses parameters outside their domain.
func (p PseudoHuber) Validate() error {
	if err := positive("PseudoHuber.Delta", p.Delta); err != nil {
		return err
	}
	return nonNegative("PseudoHuber.Lambda", p.Lambda)
}

// At is Lambda·r²/(√(r²+Delta²) + Delta), which does not cancel.
func (p PseudoHuber) At(r float64) float64 {
	return p.Lambda * r * (r / (math.Hypot(r, p.Delta) + p.Delta))
}

// Length is argmin over l ≥ 0 of Lambda·(√(l²+Delta²) − Delta) + (l−a)²/(2·step):
// the root of l + step·Lambda·l/√(l²+Delta²) = a.
func (p PseudoHuber) Length(a, step float64) float64 { return solveConvex(p, a, step) }

// Convex is true.
func (PseudoHuber) Convex(float64) bool { return true }

// Slope is Lambda·r/√(r²+Delta²).
func (p PseudoHuber) Slope(r float64) float64 { return p.Lambda * r / math.Hypot(r, p.Delta) }

// Curvature is Lambda·Delta²/(r²+Delta²)^(3/2).
func (p PseudoHuber) Curvature(r float64) float64 {
	w := math.Hypot(r, p.Delta)
	return p.Lambda * (p.Delta / w) * (p.Delta / w) / w
}
