package prox

import "math"

// Ball is the indicator of r ≤ Radius ≥ 0: 0 inside, +Inf outside. Its
// proximal map is the projection, l = min(a, Radius).
type Ball struct{ Radius float64 }

// Validate refuses a negative or non-finite Radius.
func (b Ball) Validate() error { return nonNegative("Ball.Radius", b.Radius) }

// At is 0 inside and +Inf outside, to the last digits of float64.
func (b Ball) At(r float64) float64 { return b.at(r, 1e-14) }

// at is At for a norm with a relative error of slack, so that projections lie
// inside.
func (b Ball) at(r, slack float64) float64 {
	if r > b.Radius*(1+slack) {
		return math.Inf(1)
	}
	return 0 * r // NaN stays
}

// Length is argmin over 0 ≤ l ≤ Radius of (l−a)²: min(a, Radius).
func (b Ball) Length(a, _ float64) float64 { return min(a, b.Radius) }

// Convex is true.
func (Ball) Convex(float64) bool { return true }

// Slope is 0 inside, +Inf on the sphere.
func (b Ball) Slope(r float64) float64 {
	if r < b.Radius {
		return 0
	}
	return math.Inf(1)
}

// Curvature is 0 inside, +Inf on the sphere: the radial direction is gone.
func (b Ball) Curvature(r float64) float64 { return b.Slope(r) }
