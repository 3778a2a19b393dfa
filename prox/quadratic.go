package prox

// Quadratic is ρ = Lambda·r²/2, Lambda ≥ 0: l = a/(1 + step·Lambda), as [L2].
type Quadratic struct{ Lambda float64 }

// Validate refuses a negative or non-finite Lambda.
func (p Quadratic) Validate() error { return nonNegative("Quadratic.Lambda", p.Lambda) }

// At is Lambda·r²/2.
func (p Quadratic) At(r float64) float64 { return p.Lambda * r * r / 2 }

// Length is argmin over l ≥ 0 of Lambda·l²/2 + (l−a)²/(2·step):
// a/(1 + step·Lambda).
func (p Quadratic) Length(a, step float64) float64 { return a / (1 + step*p.Lambda) }

// Convex is true.
func (Quadratic) Convex(float64) bool { return true }

// Slope is Lambda·r.
func (p Quadratic) Slope(r float64) float64 { return p.Lambda * r }

// Curvature is Lambda.
func (p Quadratic) Curvature(float64) float64 { return p.Lambda }
