package prox

import "math"

// Cosine is ρ = Lambda·(1 − cos(Omega·r)), Lambda ≥ 0, Omega > 0: valleys at
// the multiples of 2π/Omega, an example of many stationary points.
type Cosine struct{ Lambda, Omega float64 }

// Validate refuses parameters outside their domain.
func (p Cosine) Validate() error {
	if err := positive("Cosine.Omega", p.Omega); err != nil {
		return err
	}
	return nonNegative("Cosine.Lambda", p.Lambda)
}

// At is 2·Lambda·sin²(Omega·r/2), which does not cancel.
func (p Cosine) At(r float64) float64 {
	s := math.Sin(p.Omega * r / 2)
	return 2 * p.Lambda * s * s
}

// Length is argmin over l ≥ 0 of φ(l) = Lambda·(1 − cos(Omega·l)) +
// (l−a)²/(2·step). It compares every stationary point that can win. At the
// bottom v of the valley nearest to a, φ is (v−a)²/(2·step), so the minimiser is
// no further from a than v; and h(l) = l + step·ρ′(l) − a rises through 0 at most
// once around each bottom, where its derivative is positive.
func (p Cosine) Length(a, step float64) float64 {
	k := step * p.Lambda * p.Omega * p.Omega
	h := func(l float64) (float64, float64) {
		return l + step*p.Slope(l) - a, 1 + step*p.Curvature(l)
	}
	period := 2 * math.Pi / p.Omega
	rising := period / 2 // how far from a bottom h rises
	if k > 1 {
		rising = math.Acos(-1/k) / p.Omega
	}
	nearest := math.Round(a / period)
	best := 0.0
	for v := max(0, nearest-1); v <= nearest+1; v++ {
		lo, hi := max(0, v*period-rising), v*period+rising
		atLo, _ := h(lo)
		atHi, _ := h(hi)
		if !(atLo < 0 && atHi >= 0) {
			continue
		}
		if l := newton(h, lo, hi); p.phi(l, a, step) < p.phi(best, a, step) {
			best = l
		}
	}
	return best
}

func (p Cosine) phi(l, a, step float64) float64 { return p.At(l) + l*(l-2*a)/(2*step) }

// Convex reports step·Lambda·Omega² ≤ 1.
func (p Cosine) Convex(step float64) bool {
	return p.Lambda == 0 || step*p.Lambda*p.Omega*p.Omega <= 1
}

// Slope is Lambda·Omega·sin(Omega·r).
func (p Cosine) Slope(r float64) float64 { return p.Lambda * p.Omega * math.Sin(p.Omega*r) }

// Curvature is Lambda·Omega²·cos(Omega·r).
func (p Cosine) Curvature(r float64) float64 {
	return p.Lambda * p.Omega * p.Omega * math.Cos(p.Omega*r)
}
