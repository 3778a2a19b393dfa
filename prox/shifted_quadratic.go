package prox

// ShiftedQuadratic is ρ = Lambda·(r−Centre)²/2, both ≥ 0, which draws lengths
// toward Centre: l = (a + step·Lambda·Centre)/(1 + step·Lambda). It decreases
// near 0, so ρ(‖x‖) is not convex, and at a = 0 a whole sphere is optimal.
type ShiftedQuadratic struct{ Lambda, Centre float64 }

// Validate refuses negative or non-finite parameters.
func (p ShiftedQuadratic) Validate() error {
	if err := nonNegative("ShiftedQuadratic.Lambda", p.Lambda); err != nil {
		return err
	}
	return nonNegative("ShiftedQuadratic.Centre", p.Centre)
}

// At is Lambda·(r−Centre)²/2.
func (p ShiftedQuadratic) At(r float64) float64 {
	return p.Lambda * (r - p.Centre) * (r - p.Centre) / 2
}

// Length is argmin over l ≥ 0 of Lambda·(l−Centre)²/2 + (l−a)²/(2·step):
// (a + step·Lambda·Centre)/(1 + step·Lambda).
func (p ShiftedQuadratic) Length(a, step float64) float64 {
	k := step * p.Lambda
	return (a + k*p.Centre) / (1 + k)
}

// Convex is true.
func (ShiftedQuadratic) Convex(float64) bool { return true }

// Slope is Lambda·(r−Centre).
func (p ShiftedQuadratic) Slope(r float64) float64 { return p.Lambda * (r - p.Centre) }

// Curvature is Lambda.
func (p ShiftedQuadratic) Curvature(float64) float64 { return p.Lambda }
