package vae

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Density is log N(x; μ, σ²I) and its first two derivatives in the scale, for
// four ways to write it: σ, log σ, the variance σ² and the precision 1/σ².
type Density struct {
	LogP float64

	Sigma, LogSigma, Variance, Precision     float64 // first derivatives
	Sigma2, LogSigma2, Variance2, Precision2 float64 // second derivatives

	// ConvexInSigma says that the second derivative in σ is positive here: the
	// log-density is convex beyond σ² = 3‖x−μ‖²/d and concave below, so it is
	// neither. In log σ and in the precision it is concave everywhere.
	ConvexInSigma bool
}

// LogDensity returns the log-density of x under N(μ, σ²I), with x and μ of one
// length d ≥ 1 and σ > 0. With t = ‖(x−μ)/σ‖² all derivatives are in t and d; the
// residuals are formed before they are squared. A σ that is not a finite number
// above 0 is an invalid_parameter, lengths that differ a shape_mismatch.
// Source: docs/optimal-variance-vae.md.
func LogDensity(x, mu []float64, sigma float64) (*Density, error) {
	if len(x) == 0 || len(mu) != len(x) {
		return nil, domain.Errorf(domain.ShapeMismatch, "x of %d numbers and mu of %d: want as many, and at least one", len(x), len(mu))
	}
	if !positive(sigma) {
		return nil, invalid("sigma is %v: want a finite number above 0", sigma)
	}
	for _, v := range []struct {
		name string
		of   []float64
	}{{"x", x}, {"mu", mu}} {
		if err := checkFinite(v.name, v.of); err != nil {
			return nil, err
		}
	}
	d, t := float64(len(x)), 0.0
	for i, v := range x {
		r := (v - mu[i]) / sigma
		t += r * r
	}
	variance := sigma * sigma
	p := &Density{
		LogP:       -d*(log2Pi/2+math.Log(sigma)) - t/2,
		Sigma:      (t - d) / sigma,
		LogSigma:   t - d,
		Variance:   (t - d) / 2 / variance,
		Precision:  (d - t) / 2 * variance,
		Sigma2:     (d - 3*t) / variance,
		LogSigma2:  -2 * t,
		Variance2:  (d/2 - t) / variance / variance,
		Precision2: -d / 2 * variance * variance,
	}
	p.ConvexInSigma = p.Sigma2 > 0
	return p, nil
}
