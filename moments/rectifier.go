package moments

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// throughRectifier is the moments of y = relu(z) − a·relu(−z) for z of mean m
// and standard deviation s > 0. On the side of 0 where most of z lies y is
// linear: its variance is that of the line plus a small correction by the other
// side, so that nothing cancels however far from 0 the mean is.
func throughRectifier(a, m, s float64) FunctionMoments {
	t := m / s
	if t < 0 { // y(z) = −(a·relu(−z) − relu(z)): the mirror image
		r := throughMostlyLinear(a, 1, -m, s, -t)
		r.Mean = -r.Mean
		return r
	}
	return throughMostlyLinear(1, a, m, s, t)
}

// throughMostlyLinear is for m ≥ 0 and slopes a above and b below 0: y is
// a·z + (a−b)·n with n = relu(−z).
func throughMostlyLinear(a, b, m, s, t float64) FunctionMoments {
	tail := normalCDF(-t)
	n1, n2 := rectifiedTail(t)
	n1, n2 = n1*s, n2*s*s
	d := a - b
	r := FunctionMoments{
		Mean:              a*m + d*n1,
		Variance:          a*a*s*s + d*d*(n2-n1*n1) - 2*a*d*s*s*tail, // Cov(z, n) = −s²·Φ(−t)
		SlopeMean:         a - d*tail,
		SlopeSecondMoment: a*a*(1-tail) + b*b*tail,
	}
	// E z²·[z > 0] = m² + s² − E n².
	r.SecondMoment = b * b * n2
	if a != 0 { // 0 times a square that overflows is NaN
		r.SecondMoment += a * a * (m*m + s*s - n2)
	}
	return r
}

// rectifiedTail is E relu(u−t) and E relu(u−t)² for u standard normal, t ≥ 0.
func rectifiedTail(t float64) (first, second float64) {
	if t < 1 {
		tail, density := normalCDF(-t), normalDensity(t)
		return density - t*tail, (1+t*t)*tail - t*density
	}
	// The closed forms cancel here: density(t)·∫ rᵏ·e^(−tr−r²/2) dr does not.
	var x, w [24]float64
	end := 40 / (t + 1)
	for panel := range 4 {
		quad.Legendre{}.FixedLocations(x[:], w[:], end*float64(panel)/4, end*float64(panel+1)/4)
		for i, r := range x {
			v := w[i] * r * math.Exp(-t*r-r*r/2)
			first += v
			second += v * r
		}
	}
	return first * normalDensity(t), second * normalDensity(t)
}

// rectifierCoefficients are the Hermite coefficients in closed form: by parts,
// E relu(m + s·t)·Heₖ(t) = s·Heₖ₋₂(−m/s)·φ(m/s) for k ≥ 2.
func rectifierCoefficients(a, m, s float64, n int) []float64 {
	c := make([]float64, n)
	r := throughRectifier(a, m, s)
	c[0], c[1] = r.Mean, s*r.SlopeMean
	t := -m / s
	before, now := 0.0, (1-a)*s*normalDensity(t) // Heₖ₋₂, divided by √k!
	for k := 2; k < n; k++ {
		if k == 2 {
			now /= math.Sqrt2
		} else {
			// Heⱼ₊₁ = t·Heⱼ − j·Heⱼ₋₁ with j = k−3.
			before, now = now, (t*now-float64(k-3)/math.Sqrt(float64(k-1))*before)/math.Sqrt(float64(k))
		}
		c[k] = now
	}
	return c
}
