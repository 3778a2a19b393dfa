package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/vae"
)

// drawResidual draws x, the decoder's mean mu, and sigma.
func drawResidual(rng *rand.Rand, size int) Instance {
	d := 1 + rng.IntN(min(size, 5))
	x, mu := niceVector(rng, size, d), niceVector(rng, size, d)
	x[0] = mu[0] + nicePositive(rng, size) // the residual is not 0
	return Instance{"x": x, "mu": mu, "sigma": nicePositive(rng, size), "d": float64(d)}
}

// drawMean draws the mean squared norm R of residuals in d dimensions.
func drawMean(rng *rand.Rand, size int) Instance {
	return Instance{"R": nicePositive(rng, size), "d": float64(1 + rng.IntN(min(size, 9)))}
}

func vaeQuestions() []Question {
	density := func(at Instance) *vae.Density {
		r, err := vae.LogDensity(at["x"].([]float64), at["mu"].([]float64), at["sigma"].(float64))
		if err != nil {
			panic(err) // Draw left the domain
		}
		return r
	}
	best := func(at Instance) *vae.Clamped {
		r, err := vae.ClampedVariance(at["R"].(float64), int(at["d"].(float64)), math.SmallestNonzeroFloat64, math.MaxFloat64)
		if err != nil {
			panic(err) // Draw left the domain
		}
		return r
	}
	point := []Variable{
		{"x", "the example, d numbers", 1}, {"mu", "the decoder's mean, d numbers", 1}, {"sigma", "the decoder's standard deviation", 0}, {"d", "the number of dimensions", 0},
	}
	square := "sum(i, 1, d, (x[i] - mu[i])^2)"
	mean := []Variable{{"R", "the mean of ‖x − μ(z)‖² over data and codes", 0}, {"d", "the number of dimensions", 0}}
	return []Question{
		{
			Name:   "logdensity",
			Prompt: "The decoder is p(x|z) = N(x; μ, σ²I) in d dimensions. What is log p(x|z)?",
			Hints: []string{
				"The density is a product of d densities of one dimension.",
				"Each has the normaliser √(2π)·σ.",
				"−d/2·log(2π) − d·log σ − ‖x − μ‖²/(2σ²).",
			},
			Variables: point, Draw: drawResidual,
			Exact: func(at Instance) float64 { return density(at).LogP },
			Answers: []string{
				"-d/2*log(2*pi()) - d*log(sigma) - " + square + "/(2*sigma^2)",
				"-d/2*log(2*pi()*sigma^2) - " + square + "/(2*sigma^2)",
				"sum(i, 1, d, -log(sqrt(2*pi())*sigma) - ((x[i] - mu[i])/sigma)^2/2)",
			},
			Mistakes: []Mistake{
				{"-d/2*log(2*pi()*sigma) - " + square + "/(2*sigma^2)", "the normaliser is √(2π)·σ: σ stands outside the root"},
				{"-d/2*d*log(2*pi()) - d*log(sigma) - " + square + "/(2*sigma^2)", "one d too many beside log(2π)"},
				{"-log(2*pi())/2 - log(sigma) - " + square + "/(2*sigma^2)", "the normaliser is there once for each of the d dimensions"},
				{"-d/2*log(2*pi()) - d*log(sigma) - " + square + "/sigma^2", "the half in the exponent is missing"},
				{"-d/2*log(2*pi()) - d*log(sigma) - sqrt(" + square + ")/(2*sigma^2)", "the norm is squared"},
			},
		},
		{
			Name:      "slope",
			Prompt:    "The decoder is p(x|z) = N(x; μ, σ²I) in d dimensions. What is the derivative of log p(x|z) in σ?",
			Hints:     []string{"Two terms hold σ: −d·log σ and −‖x − μ‖²/(2σ²).", "The second has the derivative ‖x − μ‖²/σ³."},
			Variables: point, Draw: drawResidual,
			Exact:   func(at Instance) float64 { return density(at).Sigma },
			Answers: []string{"-d/sigma + " + square + "/sigma^3", "(" + square + " - d*sigma^2)/sigma^3", "(" + square + "/sigma^2 - d)/sigma"},
			Mistakes: []Mistake{
				{"-d/sigma - " + square + "/sigma^3", "the sign of the second term: the power of σ is negative"},
				{"-d/sigma + " + square + "/sigma^2", "the power: differentiating σ⁻² gives σ⁻³"},
				{"-1/sigma + " + square + "/sigma^3", "the factor d of log σ"},
				{"-d/sigma + 2*" + square + "/sigma^3", "the half in the exponent cancels the 2"},
			},
		},
		{
			Name:      "variance",
			Prompt:    "With R the mean of ‖x − μ(z)‖² over data and codes, in d dimensions, which σ² maximises the lower bound?",
			Hints:     []string{"Only −d·log σ − R/(2σ²) depends on σ.", "−d/σ + R/σ³ = 0."},
			Variables: mean, Draw: drawMean,
			Exact:   func(at Instance) float64 { return best(at).Variance },
			Answers: []string{"R/d", "R*d^(-1)", "1/(d/R)"},
			Mistakes: []Mistake{
				{"R", "R is of all d dimensions together"},
				{"sqrt(R/d)", "that is σ, not σ²"},
				{"R/(2*d)", "the half in the exponent cancels"},
				{"R/(d-1)", "nothing was estimated from these residuals that would cost a degree of freedom"},
			},
		},
		{
			Name:      "bound",
			Prompt:    "With R the mean of ‖x − μ(z)‖² in d dimensions and σ² at its best, what is the mean of log p(x|z)?",
			Hints:     []string{"Put σ² = R/d into −d/2·log(2πσ²) − R/(2σ²).", "The last term becomes d/2."},
			Variables: mean, Draw: drawMean,
			Exact:   func(at Instance) float64 { return best(at).Reconstruction },
			Answers: []string{"-d/2*(log(2*pi()*R/d) + 1)", "-d/2*log(2*pi()) - d/2*log(R/d) - d/2"},
			Mistakes: []Mistake{
				{"-d/2*log(2*pi()*R/d)", "the quadratic term does not vanish: it is d/2"},
				{"-d/2*log(2*pi()*R/d) - 1/2", "the quadratic term is d/2, not 1/2"},
				{"-d/2*(log(2*pi()*R) + 1)", "the variance is R/d"},
				{"d/2*(log(2*pi()*R/d) + 1)", "the sign"},
			},
		},
	}
}
