package prox

// LinearQuadratic is ρ = Lambda1·r + Lambda2·r²/2, both ≥ 0: the elastic net of
// a group, l = max(0, a − step·Lambda1)/(1 + step·Lambda2).
// Source: Zou and Hastie 2005.
type LinearQuadratic struct{ Lambda1, Lambda2 float64 }

// Validate refuses negative or non-finite lambdas.
func (p LinearQuadratic) Validate() error {
	if err := nonNegative("LinearQuadratic.Lambda1", p.Lambda1); err != nil {
		return err
	}
	return nonNegative("LinearQuadratic.Lambda2", p.Lambda2)
}

// At is Lambda1·r + Lambda2·r²/2.
func (p LinearQuadratic) At(r float64) float64 { return p.Lambda1*r + p.Lambda2*r*r/2 }

// Length is argmin over l ≥ 0 of Lambda1·l + Lambda2·l²/2 + (l−a)²/(2·step):
// max(0, a − step·Lambda1)/(1 + step·Lambda2).
func (p LinearQuadratic) Length(a, step float64) float64 {
	return max(0, a-step*p.Lambda1) / (1 + step*p.Lambda2)
}

// Convex is true.
func (LinearQuadratic) Convex(float64) bool { return true }

// Slope is Lambda1 + Lambda2·r.
func (p LinearQuadratic) Slope(r float64) float64 { return p.Lambda1 + p.Lambda2*r }

// Curvature is Lambda2.
func (p LinearQuadratic) Curvature(float64) float64 { return p.Lambda2 }
