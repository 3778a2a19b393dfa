package prox

import "math"

// Custom is a radial function that the user gives: any ρ ≥ 0 that is lower
// semicontinuous and finite at 0 or at the norm in question. It is used by
// pointer, so that it compares by identity.
type Custom struct {
	Name string // how it prints

	Rho func(r float64) float64 `json:"-"` // ρ(r), required

	// Derivative and Second are ρ′ and ρ″, or nil: differences of Rho stand in
	// for them then, and lengths are right to about 1e-8 instead of to the last
	// digits. Without Derivative, Rho may have corners.
	Derivative func(r float64) float64 `json:"-"`
	Second     func(r float64) float64 `json:"-"`

	// IsConvex promises that ρ is convex. Otherwise the minimiser is searched
	// for on a grid, which no bound on ρ makes safe: a valley narrower than a
	// thousandth of the range where the minimiser can lie may be missed.
	IsConvex bool
}

// grid is how many intervals a search cuts the range of a minimiser into.
const grid = 2048

// Validate refuses a missing Rho, and one that is negative or NaN at 0.
func (c *Custom) Validate() error {
	if c == nil || c.Rho == nil {
		return invalid("Custom.Rho is nil: want a function")
	}
	if at := c.Rho(0); !(at >= 0) {
		return invalid("Custom.Rho is %v at 0: want at least 0", at)
	}
	return nil
}

// String returns the name.
func (c *Custom) String() string { return c.Name }

// At is Rho(r).
func (c *Custom) At(r float64) float64 { return c.Rho(r) }

// Convex returns IsConvex.
func (c *Custom) Convex(float64) bool { return c.IsConvex }

// Length searches the range |l−a| ≤ √(2·step·φ), where φ is the lesser of φ(0)
// and φ(a), for valleys, and goes to the bottom of each.
func (c *Custom) Length(a, step float64) float64 {
	phi := func(l float64) float64 { return c.Rho(l) + (l-a)*(l-a)/(2*step) }
	if c.IsConvex && c.Derivative != nil && c.Second != nil {
		return solveConvex(c, a, step)
	}
	best, least := 0.0, phi(0)
	reach := math.Sqrt(2 * step * min(least, c.Rho(a)))
	if math.IsInf(reach, 0) || math.IsNaN(reach) {
		return math.NaN()
	}
	lo := max(0, a-reach)
	width := (a + reach - lo) / grid
	if !(width > 0) {
		return a
	}
	left, middle := phi(lo), phi(lo+width)
	if left < least {
		best, least = lo, left
	}
	for i := 1; i <= grid; i++ {
		at := lo + float64(i)*width
		right := phi(at + width)
		if middle <= left && middle <= right {
			if l := c.bottom(phi, at-width, at+width, a, step); phi(l) < least {
				best, least = l, phi(l)
			}
		}
		left, middle = middle, right
	}
	// A valley at the low end of the range has no point to its left.
	if l := c.bottom(phi, lo, lo+width, a, step); phi(l) < least {
		best = l
	}
	return best
}

// bottom returns the minimiser of phi in [lo, hi], where it has one valley: by
// golden section, then to the last digits on the derivative if there is one.
func (c *Custom) bottom(phi func(float64) float64, lo, hi, a, step float64) float64 {
	h := func(l float64) float64 { return l + step*c.Slope(l) - a }
	if c.Derivative != nil && h(lo) < 0 && h(hi) > 0 {
		return newton(func(l float64) (float64, float64) {
			return h(l), 1 + step*c.Curvature(l)
		}, lo, hi)
	}
	const ratio = 0.6180339887498949
	x, y := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	px, py := phi(x), phi(y)
	for range 80 {
		if px <= py {
			hi, y, py = y, x, px
			x = hi - ratio*(hi-lo)
			px = phi(x)
		} else {
			lo, x, px = x, y, py
			y = lo + ratio*(hi-lo)
			py = phi(y)
		}
	}
	if px <= py {
		return x
	}
	return y
}

// Slope is ρ′(r), by differences of ρ where Derivative is nil.
func (c *Custom) Slope(r float64) float64 {
	if c.Derivative != nil {
		return c.Derivative(r)
	}
	return difference(c.Rho, r)
}

// Curvature is ρ″(r), by differences of ρ′ where Second is nil.
func (c *Custom) Curvature(r float64) float64 {
	if c.Second != nil {
		return c.Second(r)
	}
	return difference(c.Slope, r)
}

// difference returns the derivative of f at r by central differences, from the
// right near 0.
func difference(f func(float64) float64, r float64) float64 {
	h := 1e-5 * max(r, 1e-3)
	if r < h {
		return (4*f(r+h) - 3*f(r) - f(r+2*h)) / (2 * h)
	}
	return (f(r+h) - f(r-h)) / (2 * h)
}
