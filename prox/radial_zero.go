package prox

// RadialZero is ρ = 0: l = a.
type RadialZero struct{}

// Validate returns nil.
func (RadialZero) Validate() error { return nil }

// At is 0.
func (RadialZero) At(float64) float64 { return 0 }

// Length is argmin over l ≥ 0 of (l−a)²/(2·step): a.
func (RadialZero) Length(a, _ float64) float64 { return a }

// Convex is true.
func (RadialZero) Convex(float64) bool { return true }

// Slope is 0.
func (RadialZero) Slope(float64) float64 { return 0 }

// Curvature is 0.
func (RadialZero) Curvature(float64) float64 { return 0 }
