package prox

// Linear is ρ = Lambda·r, Lambda ≥ 0: the group lasso. Its proximal map is the
// block soft threshold, l = max(0, a − step·Lambda).
// Source: Yuan and Lin 2006; docs/norm-prox.md.
type Linear struct{ Lambda float64 }

// Validate refuses a negative or non-finite Lambda.
func (p Linear) Validate() error { return nonNegative("Linear.Lambda", p.Lambda) }

// At is Lambda·r.
func (p Linear) At(r float64) float64 { return p.Lambda * r }

// Length is argmin over l ≥ 0 of Lambda·l + (l−a)²/(2·step):
// max(0, a − step·Lambda).
func (p Linear) Length(a, step float64) float64 { return max(0, a-step*p.Lambda) }

// Convex is true.
func (Linear) Convex(float64) bool { return true }

// Slope is Lambda.
func (p Linear) Slope(float64) float64 { return p.Lambda }

// Curvature is 0.
func (Linear) Curvature(float64) float64 { return 0 }
