package moments

import "math"

// FunctionMoments are moments of φ(z) and of its slope.
type FunctionMoments struct {
	Mean, SecondMoment, Variance float64

	SlopeMean         float64 // E φ'(z)
	SlopeSecondMoment float64 // E φ'(z)²
}

// GaussianThrough returns the moments of f(z) for z normal with the given mean
// and variance. ReLU and its leaky kin have closed forms, arranged so that
// nothing cancels far from 0; other functions are integrated to about 13
// digits, whatever the variance, and the variance about the mean. Under
// variance 0 they are f(mean), f(mean)², 0 and the slope there. Numbers that are
// not finite and a negative variance are errors.
//
// Source: docs/node-statistics.md.
func GaussianThrough(f Function, mean, variance float64) (FunctionMoments, error) {
	if f.Value == nil {
		return FunctionMoments{}, invalid("the function %q has no Value", f.Name)
	}
	if err := checkFinite(number{"mean", mean}); err != nil {
		return FunctionMoments{}, err
	}
	if err := checkVariances(number{"var", variance}); err != nil {
		return FunctionMoments{}, err
	}
	return through(f, mean, variance), nil
}

func through(f Function, mean, variance float64) FunctionMoments {
	s := math.Sqrt(variance)
	switch {
	case s == 0:
		y, d := f.Value(mean), f.slope(mean)
		return FunctionMoments{Mean: y, SecondMoment: y * y, SlopeMean: d, SlopeSecondMoment: d * d}
	case f.rectifier:
		return throughRectifier(f.below, mean, s)
	}
	const differences = 1e4 // how much less exact than a derivative they are
	first := expect(mean, s, 2, func(_, z float64, v []float64) { v[0], v[1] = f.Value(z), f.slope(z) }, func(scale []float64) {
		if f.Slope == nil {
			scale[1] *= differences
		}
	})
	m := first[0]
	second := expect(mean, s, 3, func(_, z float64, v []float64) {
		y, d := f.Value(z), f.slope(z)
		v[0], v[1], v[2] = y*y, (y-m)*(y-m), d*d
	}, func(scale []float64) {
		scale[1] += math.Abs(m) * math.Sqrt(scale[1]) // y − m has the rounding of m
		if f.Slope == nil {
			scale[2] *= differences
		}
	})
	return FunctionMoments{Mean: m, SecondMoment: second[0], Variance: second[1], SlopeMean: first[1], SlopeSecondMoment: second[2]}
}

// hermites is how many Hermite coefficients describe how two correlated
// normals fare.
const hermites = 32

// covarianceThrough returns Cov(f(z), f(z')) for z and z' normal with the given
// mean and variance and the given covariance between them, from 0 to variance:
// Σ aₖ²·ρᵏ with the coefficients of f in normalised Hermite polynomials. What
// the first of them leave of the variance is added at the next power.
//
// Source: docs/node-statistics.md; Daniely, Frostig and Singer 2016.
func covarianceThrough(f Function, mean, variance, covariance, varianceThrough float64) float64 {
	if covariance <= 0 || variance == 0 {
		return 0
	}
	rho := min(1, covariance/variance)
	total, left, power := 0.0, varianceThrough, 1.0
	for _, a := range hermiteCoefficients(f, mean, math.Sqrt(variance), hermites)[1:] {
		power *= rho
		total += a * a * power
		left -= a * a
	}
	return min(total+max(left, 0)*power*rho, varianceThrough)
}

// hermiteCoefficients returns E f(mean + std·t)·heₖ(t)/√k! for k below n ≥ 2.
func hermiteCoefficients(f Function, mean, std float64, n int) []float64 {
	if f.rectifier {
		return rectifierCoefficients(f.below, mean, std, n)
	}
	return expectSmooth(mean, std, n, func(t, z float64, v []float64) {
		y := f.Value(z)
		before, now := 1.0, t
		v[0], v[1] = y, y*t
		for k := 2; k < n; k++ {
			before, now = now, (t*now-math.Sqrt(float64(k-1))*before)/math.Sqrt(float64(k))
			v[k] = y * now
		}
	})
}
