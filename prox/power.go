package prox

import "math"

// Power is ρ = Lambda·r^P for any P > 0, Lambda ≥ 0. For P < 1 it is not
// convex and its proximal map jumps. P of ½, 1, 1½, 2, 3 and 4 are in closed
// form, the others by Newton's method from a side on which it is monotone.
// Source: docs/norm-prox.md; for P = ½ Xu et al. 2012.
type Power struct{ Lambda, P float64 }

// Validate refuses a negative or non-finite Lambda and a P that is not
// positive and finite.
func (p Power) Validate() error {
	if err := positive("Power.P", p.P); err != nil {
		return err
	}
	return nonNegative("Power.Lambda", p.Lambda)
}

// At is Lambda·r^P.
func (p Power) At(r float64) float64 {
	if p.Lambda == 0 {
		return 0 * r
	}
	return p.Lambda * math.Pow(r, p.P)
}

// Length is argmin over l ≥ 0 of Lambda·l^P + (l−a)²/(2·step): the root of
// l + c·l^(P−1) = a with c = step·Lambda·P; for P < 1 the larger one, or 0, by
// value.
func (p Power) Length(a, step float64) float64 {
	k := step * p.Lambda
	c := k * p.P
	switch {
	case k == 0 || a == 0:
		return a
	case p.P == 0.5:
		if a <= 1.5*math.Cbrt(k*k) {
			return 0
		}
		angle := math.Acos(k / 4 * math.Pow(a/3, -1.5))
		return 2 * a / 3 * (1 + math.Cos(2*math.Pi/3-2*angle/3))
	case p.P == 1:
		return max(0, a-k)
	case p.P == 1.5:
		h := c / 2 / math.Sqrt(a)
		root := math.Sqrt(a) / (h + math.Hypot(h, 1))
		return root * root
	case p.P == 2:
		return a / (1 + c)
	case p.P == 3:
		return 2 * a / (1 + math.Sqrt(1+12*k*a))
	case p.P == 4:
		w := math.Sqrt(3 * c)
		return 2 / w * math.Sinh(math.Asinh(1.5*a*w)/3)
	case p.P < 1:
		return p.lengthBelow1(a, step)
	case p.P < 2:
		// In m = l^(P−1) the equation m^(1/(P−1)) + c·m = a is convex, so
		// Newton's method falls to the root from above.
		q := 1 / (p.P - 1)
		m := descendTo(min(a/c, math.Pow(a, p.P-1)), func(m float64) (float64, float64) {
			return math.Pow(m, q) + c*m - a, q*math.Pow(m, q-1) + c
		})
		return math.Pow(m, q)
	}
	return descendTo(min(a, math.Pow(a/c, 1/(p.P-1))), func(l float64) (float64, float64) {
		return l + c*math.Pow(l, p.P-1) - a, 1 + c*(p.P-1)*math.Pow(l, p.P-2)
	})
}

// lengthBelow1 is Length for P < 1: h(l) = l + c·l^(P−1) − a is convex, with
// its least value at low.
func (p Power) lengthBelow1(a, step float64) float64 {
	c := step * p.Lambda * p.P
	low := math.Pow(c*(1-p.P), 1/(2-p.P))
	h := func(l float64) (float64, float64) {
		return l + c*math.Pow(l, p.P-1) - a, 1 - c*(1-p.P)*math.Pow(l, p.P-2)
	}
	if at, _ := h(low); !(at < 0) {
		return 0 * a
	}
	l := max(low, descendTo(a, h))
	if !betterThanZero(l, p.At(l), a, step) {
		return 0
	}
	return l
}

// descendTo follows Newton's method on a convex increasing h down from x to
// its root, until rounding stops the descent.
func descendTo(x float64, h func(float64) (float64, float64)) float64 {
	for range 200 {
		value, slope := h(x)
		next := x - value/slope
		if !(next < x) || !(next > 0) {
			break
		}
		x = next
	}
	return x
}

// Convex reports P ≥ 1 or Lambda = 0.
func (p Power) Convex(float64) bool { return p.P >= 1 || p.Lambda == 0 }

// Slope is Lambda·P·r^(P−1).
func (p Power) Slope(r float64) float64 {
	if p.Lambda == 0 {
		return 0
	}
	return p.Lambda * p.P * math.Pow(r, p.P-1)
}

// Curvature is Lambda·P·(P−1)·r^(P−2).
func (p Power) Curvature(r float64) float64 {
	if p.Lambda == 0 || p.P == 1 {
		return 0
	}
	return p.Lambda * p.P * (p.P - 1) * math.Pow(r, p.P-2)
}
