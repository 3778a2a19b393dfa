package problems

import "math"

// integrate returns the integral of f over [a, b] by Gauss and Legendre's rule
// of five points on each of so many panels.
func integrate(f func(float64) float64, a, b float64, panels int) float64 {
	const (
		x1, x2     = 0.5384693101056830910, 0.9061798459386639928
		w0, w1, w2 = 0.5688888888888888889, 0.4786286704993664680, 0.2369268850561890875
	)
	half := (b - a) / float64(2*panels)
	sum := 0.0
	for i := range panels {
		mid := a + half*float64(2*i+1)
		sum += w0*f(mid) + w1*(f(mid-half*x1)+f(mid+half*x1)) + w2*(f(mid-half*x2)+f(mid+half*x2))
	}
	return sum * half
}

// expectNormal returns E f(z) for a normal z by quadrature, apart on both sides
// of 0, where f may have a corner.
func expectNormal(f func(float64) float64, mean, variance float64) float64 {
	if variance == 0 {
		return f(mean)
	}
	std := math.Sqrt(variance)
	density := func(z float64) float64 {
		t := (z - mean) / std
		return f(z) * math.Exp(-t*t/2) / (std * math.Sqrt(2*math.Pi))
	}
	const reach, panels = 10, 60
	lo, hi := mean-reach*std, mean+reach*std
	middle := min(max(0, lo), hi)
	return integrate(density, lo, middle, panels) + integrate(density, middle, hi, panels)
}
