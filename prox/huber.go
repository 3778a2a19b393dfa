package prox

// Huber is ρ = Lambda·H(r) with H(r) = r²/2 up to Delta and Delta·(r − Delta/2)
// beyond; Lambda ≥ 0, Delta > 0. Source: Huber 1964; docs/norm-prox.md.
type Huber struct{ Lambda, Delta float64 }

// Validate refuses parameters outside their domain.
func (p Huber) Validate() error {
	if err := positive("Huber.Delta", p.Delta); err != nil {
		return err
	}
	return nonNegative("Huber.Lambda", p.Lambda)
}

// At is Lambda·H(r).
func (p Huber) At(r float64) float64 {
	if r <= p.Delta {
		return p.Lambda * r * r / 2
	}
	return p.Lambda * p.Delta * (r - p.Delta/2)
}

// Length is argmin over l ≥ 0 of Lambda·H(l) + (l−a)²/(2·step):
// a/(1+k) for a ≤ Delta·(1+k), else a − k·Delta; k = step·Lambda.
func (p Huber) Length(a, step float64) float64 {
	k := step * p.Lambda
	if a <= p.Delta*(1+k) {
		return a / (1 + k)
	}
	return a - k*p.Delta
}

// Convex is true.
func (Huber) Convex(float64) bool { return true }

// Slope is Lambda·min(r, Delta).
func (p Huber) Slope(r float64) float64 { return p.Lambda * min(r, p.Delta) }

// Curvature is Lambda up to Delta, and 0 beyond.
func (p Huber) Curvature(r float64) float64 {
	if r <= p.Delta {
		return p.Lambda
	}
	return 0
}
