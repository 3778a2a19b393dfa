package prox

import (
	"fmt"
	"math"
)

// Radial is a function ρ(r) of a norm r ≥ 0, bounded below by 0. [Norm] makes
// a penalty of it. Values are immutable hyperparameters.
type Radial interface {
	// Validate returns a [*DomainError] if a hyperparameter is outside its
	// domain. The other methods assume that it returned nil.
	Validate() error

	// At returns ρ(r), +Inf outside the domain of ρ.
	At(r float64) float64

	// Length returns a global minimiser over l ≥ 0 of
	//
	//	φ(l) = ρ(l) + (l−a)²/(2·step)
	//
	// for a ≥ 0 and a positive step: 0 where 0 is as good as any.
	Length(a, step float64) float64

	// Convex reports whether φ is convex on l ≥ 0 for the step; at a step of
	// +Inf, whether ρ is.
	Convex(step float64) bool
}

// Smooth is a radial function with two derivatives for r > 0. At 0 they are
// the limits from the right, which may be infinite.
type Smooth interface {
	Radial
	Slope(r float64) float64     // ρ′(r)
	Curvature(r float64) float64 // ρ″(r)
}

// Certificate says why a length is a global minimiser.
type Certificate int

const (
	Unique   Certificate = iota // φ is convex: its one stationary point, above 0
	Compared                    // the best of the stationary points and 0, by value
	Zero                        // 0 wins: no stationary point is below φ(0)
	Sphere                      // a = 0, and every vector of this length is a minimiser
	Searched                    // the best of a grid's valleys: a user's ρ, of which no bound is known
)

// String names the certificate.
func (c Certificate) String() string {
	switch c {
	case Unique:
		return "unique"
	case Compared:
		return "compared by value"
	case Zero:
		return "zero"
	case Sphere:
		return "sphere"
	case Searched:
		return "searched"
	}
	return fmt.Sprintf("Certificate(%d)", int(c))
}

// Certify returns rho.Length(a, step) and why it is the minimiser. It returns
// a [*DomainError] if a is negative or not finite, or step or rho is outside
// its domain. Source: docs/norm-prox.md.
func Certify(rho Radial, a, step float64) (length float64, why Certificate, err error) {
	if err := rho.Validate(); err != nil {
		return 0, 0, err
	}
	if err := CheckStep(step); err != nil {
		return 0, 0, err
	}
	if err := nonNegative("the norm", a); err != nil {
		return 0, 0, err
	}
	length = rho.Length(a, step)
	custom, ok := rho.(*Custom)
	switch {
	case length == 0:
		why = Zero
	case a == 0:
		why = Sphere
	case ok && !custom.IsConvex:
		why = Searched
	case rho.Convex(step):
		why = Unique
	default:
		why = Compared
	}
	return length, why, nil
}

// betterThanZero reports whether φ(l) < φ(0), given rise = ρ(l) − ρ(0). The
// common a²/(2·step) is left out, so nothing cancels.
func betterThanZero(l, rise, a, step float64) bool {
	return 2*step*rise < l*(2*a-l)
}

// solveConvex returns the minimiser of φ for a convex ρ by Newton's method on
// h(l) = l + step·ρ′(l) − a, which increases. A step that leaves the bracket,
// or fails to halve it in two turns, gives way to bisection.
func solveConvex[R Smooth](rho R, a, step float64) float64 {
	if a <= step*rho.Slope(0) {
		return 0
	}
	lo, hi := 0.0, a+step*max(0, -rho.Slope(a))
	if at := rho.Slope(0); at < 0 {
		hi = min(hi, a-step*at)
	}
	return newton(func(l float64) (float64, float64) {
		return l + step*rho.Slope(l) - a, 1 + step*rho.Curvature(l)
	}, lo, hi)
}

// newton returns the root in [lo, hi] of h, which increases from negative to
// positive there, to the last digits. f returns h and its derivative.
func newton(f func(float64) (h, slope float64), lo, hi float64) float64 {
	x, width := hi, math.Inf(1)
	for range 200 {
		h, slope := f(x)
		if h == 0 || math.IsNaN(h) {
			return x + 0*h
		}
		if h < 0 {
			lo = x
		} else {
			hi = x
		}
		next := x - h/slope
		if !(next > lo && next < hi) || hi-lo > width/2 {
			next = lo + (hi-lo)/2
		}
		width = hi - lo
		if math.Abs(next-x) <= 1e-16*math.Abs(next) || next == lo || next == hi {
			return next
		}
		x = next
	}
	return x
}
