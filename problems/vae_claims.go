package problems

import (
	"fmt"
	"math"
	"math/rand/v2"
)

func vaeClaims() []Claim {
	// integral is ∫ of a density of one dimension, by the trapezoid rule far
	// beyond its width.
	integral := func(f func(float64) float64, sigma float64) float64 {
		sum, h := 0., sigma/64
		for i := -64 * 12; i <= 64*12; i++ {
			sum += f(float64(i) * h)
		}
		return sum * h
	}
	gauss := func(x, sigma float64) float64 { return math.Exp(-x * x / (2 * sigma * sigma)) }
	drawn := func(rng *rand.Rand, size int) (r, sigma float64, d float64) {
		at := drawMean(rng, size)
		return at["R"].(float64), nicePositive(rng, min(size, 10)), at["d"].(float64)
	}
	elbo := func(r, sigma, d float64) float64 { return d * logLikelihood(r/d, sigma*sigma) }
	return []Claim{
		{
			Line: "(25)", Says: "(1/√(2πσ))^d normalises exp(−‖x − μ‖²/(2σ²))", Right: false,
			Instead: "(1/(√(2π)·σ))^d: σ stands outside the root; as printed the density integrates to σ^(d/2)",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				_, sigma, d := drawn(rng, size)
				total := math.Pow(integral(func(x float64) float64 { return gauss(x, sigma) / math.Sqrt(2*math.Pi*sigma) }, sigma), d)
				return near(total, 1, 1e-9), fmt.Sprintf("σ = %v, d = %v: the density integrates to %.6g", sigma, d, total)
			},
		},
		{
			Line: "(25), corrected", Says: "(1/(√(2π)·σ))^d normalises it", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				_, sigma, d := drawn(rng, size)
				total := math.Pow(integral(func(x float64) float64 { return gauss(x, sigma) / (math.Sqrt(2*math.Pi) * sigma) }, sigma), d)
				return near(total, 1, 1e-9), fmt.Sprintf("σ = %v, d = %v: the density integrates to %.6g", sigma, d, total)
			},
		},
		{
			Line: "(26)", Says: "the constant of the log-density is −(d/2)·d·log(2π)", Right: false,
			Instead: "−(d/2)·log(2π): one d",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				r, sigma, d := drawn(rng, size)
				said := -d/2*d*math.Log(2*math.Pi) - d*math.Log(sigma) - r/(2*sigma*sigma)
				right := elbo(r, sigma, d)
				return agree(said, right), fmt.Sprintf("‖x − μ‖² = %v, σ = %v, d = %v: the line gives %.6g, the logarithm of the density is %.6g", r, sigma, d, said, right)
			},
		},
		{
			Line: "below (26)", Says: "the log-density is a convex function of σ", Right: false,
			Instead: "it is concave for σ² < 3‖x − μ‖²/d and convex beyond; in log σ it is concave everywhere, and has one maximum",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				r, a, d := drawn(rng, size)
				b := a + nicePositive(rng, min(size, 10))
				middle, chord := elbo(r, (a+b)/2, d), (elbo(r, a, d)+elbo(r, b, d))/2
				return middle <= chord+1e-9, fmt.Sprintf("‖x − μ‖² = %v, d = %v: at σ = %v it is %.6g, above the chord's %.6g from σ = %v to %v", r, d, (a+b)/2, middle, chord, a, b)
			},
		},
		{
			Line: "(27)", Says: "derivative and expectation can be exchanged", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				norms := []float64{nicePositive(rng, size), nicePositive(rng, size), nicePositive(rng, size)}
				_, sigma, d := drawn(rng, size)
				mean, slopes := 0., 0.
				for _, r := range norms {
					mean += r / 3
					slopes += (-d/sigma + r/(sigma*sigma*sigma)) / 3
				}
				h := sigma * 1e-5
				of := (elbo(mean, sigma+h, d) - elbo(mean, sigma-h, d)) / (2 * h)
				return near(of, slopes, 1e-6), fmt.Sprintf("σ = %v, d = %v, norms %v: %v and %v", sigma, d, norms, of, slopes)
			},
		},
		{
			Line: "(28)", Says: "the derivative in σ is −d/σ + ‖x − μ‖²/σ³", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				r, sigma, d := drawn(rng, size)
				h := sigma * 1e-5
				right := (elbo(r, sigma+h, d) - elbo(r, sigma-h, d)) / (2 * h)
				said := -d/sigma + r/(sigma*sigma*sigma)
				return near(said, right, 1e-6), fmt.Sprintf("%v and %v", said, right)
			},
		},
		{
			Line: "(29)", Says: "σ² = R/d is where the derivative vanishes, and it is the maximum", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				r, other, d := drawn(rng, size)
				sigma := math.Sqrt(r / d)
				return elbo(r, sigma, d) >= elbo(r, other, d)-1e-9, fmt.Sprintf("R = %v, d = %v: higher at σ = %v", r, d, other)
			},
		},
		{
			Line: "(29), for every decoder", Says: "there is always an optimal σ² > 0", Right: false,
			Instead: "for R > 0: where every residual vanishes the bound grows without limit as σ falls to 0",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				r, sigma, d := drawn(rng, size)
				if rng.IntN(3) == 0 {
					r = 0 // a decoder that reproduces the data
				}
				better := elbo(r, sigma/10, d) > elbo(r, sigma, d)
				evenBetter := elbo(r, sigma/1000, d) > elbo(r, sigma/10, d)
				return r > 0 || !better || !evenBetter, fmt.Sprintf("R = 0, d = %v: the bound is %.4g at σ = %v, %.4g at %v, %.4g at %v", d, elbo(r, sigma, d), sigma, elbo(r, sigma/10, d), sigma/10, elbo(r, sigma/1000, d), sigma/1000)
			},
		},
	}
}
