package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/prox"
)

// drawMirror draws a step of one coordinate of (0, 1).
func drawMirror(rng *rand.Rand, size int) Instance {
	x0 := float64(1+rng.IntN(7)) / 8
	if size > 10 {
		x0 = 0.001 + 0.998*rng.Float64()
	}
	return Instance{"x0": x0, "g": nice(rng, size), "eps": nicePositive(rng, min(size, 10))}
}

// drawSimplex draws a step of a distribution over K classes, and a class k.
func drawSimplex(rng *rand.Rand, size int) Instance {
	k := 2 + rng.IntN(min(size, 4))
	x0, total := make([]float64, k), 0.
	for i := range x0 {
		x0[i] = float64(1 + rng.IntN(4))
		total += x0[i]
	}
	for i := range x0 {
		x0[i] /= total
	}
	return Instance{"x0": x0, "g": niceVector(rng, size, k), "eps": nicePositive(rng, min(size, 10)), "K": float64(k), "k": float64(1 + rng.IntN(k))}
}

// mirrored takes a mirror step by package prox.
func mirrored(geometry prox.Mirror[float64], x0, g []float64, eps float64) (x, dual []float64) {
	dual, err := dualOf(geometry, x0)
	if err == nil {
		x, err = mirrorStep(geometry, dual, g, eps)
	}
	if err != nil {
		panic(err) // Draw left the domain
	}
	return x, dual
}

func mirrorQuestions() []Question {
	variables := []Variable{{"x0", "the point of one coordinate, in (0, 1)", 0}, {"g", "the gradient there", 0}, {"eps", "the step size", 0}}
	statement := "Minimise g·(x − x0) + D(x, x0)/ε over one x in (0, 1), D = x·log(x/x0) + (1 − x)·log((1 − x)/(1 − x0)). "
	unit := func(at Instance) (x, dual float64) {
		xs, duals := mirrored(prox.Bernoulli[float64]{}, []float64{at["x0"].(float64)}, []float64{at["g"].(float64)}, at["eps"].(float64))
		return xs[0], duals[0]
	}
	return []Question{
		{
			Name: "x", Prompt: statement + "What is the minimiser x?",
			Hints: []string{
				"Set the derivative to zero: what is ∂D/∂x?",
				"∂D/∂x = logit(x) − logit(x0), so 0 = ε·g + logit(x) − logit(x0).",
				"The inverse of logit is the sigmoid.",
			},
			Variables: variables, Draw: drawMirror,
			Exact:   func(at Instance) float64 { x, _ := unit(at); return x },
			Answers: []string{"sigmoid(logit(x0) - eps*g)", "x0/(x0 + (1-x0)*exp(eps*g))", "1/(1 + exp(eps*g)*(1-x0)/x0)"},
			Mistakes: []Mistake{
				{"sigmoid(logit(x0) + eps*g)", "the sign of the gradient: the logit falls where the gradient is positive"},
				{"x0 - eps*g", "that is the Euclidean step, which leaves (0, 1)"},
				{"sigmoid(x0 - eps*g)", "the step is taken in the logit of x0, not in x0"},
				{"sigmoid(logit(x0) - eps*g*x0*(1-x0))", "no chain rule: g is the gradient in x, and stays so"},
				{"x0*exp(-eps*g)", "that is the step on the positive numbers: 1 − x has its price too"},
				{"sigmoid(logit(x0) - g/eps)", "the step size divides D, so it multiplies g"},
			},
		},
		{
			Name: "logit", Prompt: statement + "What is the logit y = log(x/(1 − x)) of the minimiser?",
			Hints:     []string{"It is linear in g.", "0 = g + (logit(x) − logit(x0))/ε."},
			Variables: variables, Draw: drawMirror,
			Exact:   func(at Instance) float64 { _, y := unit(at); return y },
			Answers: []string{"logit(x0) - eps*g", "log(x0/(1-x0)) - eps*g", "log(x0) - log(1-x0) - eps*g"},
			Mistakes: []Mistake{
				{"logit(x0) + eps*g", "the sign of the gradient"},
				{"log(x0) - eps*g", "the part of 1 − x0 is missing"},
				{"x0 - eps*g", "the logit of x0 is where the step starts"},
				{"logit(x0) - g", "the step size is missing"},
			},
		},
		{
			Name:      "divergence",
			Prompt:    "What is the derivative of D(x, x0) = x·log(x/x0) + (1 − x)·log((1 − x)/(1 − x0)) in x, for x and x0 in (0, 1)?",
			Hints:     []string{"Differentiate term by term; the two constants cancel.", "log(x/x0) + 1 − log((1 − x)/(1 − x0)) − 1."},
			Variables: []Variable{{"x", "where the derivative is taken", 0}, {"x0", "the point that D is measured from", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				return Instance{"x": drawMirror(rng, size)["x0"], "x0": drawMirror(rng, size)["x0"]}
			},
			Exact: func(at Instance) float64 {
				y := make([]float64, 2)
				if err := (prox.Bernoulli[float64]{}).ToDual(y, []float64{at["x"].(float64), at["x0"].(float64)}); err != nil {
					return math.NaN()
				}
				return y[0] - y[1] // the mirror map is the gradient of the entropy that D belongs to
			},
			Answers: []string{"log(x/x0) - log((1-x)/(1-x0))", "logit(x) - logit(x0)", "log(x*(1-x0)/(x0*(1-x)))"},
			Mistakes: []Mistake{
				{"log(x/x0) + log((1-x)/(1-x0))", "the sign of the second term: its argument falls as x grows"},
				{"log(x/x0) + 1", "the second term depends on x too"},
				{"logit(x0) - logit(x)", "the order of x and x0"},
				{"x/x0 - (1-x)/(1-x0)", "the logarithms are lost"},
			},
		},
		{
			Name:   "simplex",
			Prompt: "On the simplex, with D = Σ x_k·log(x_k/x0_k), the step minimises ⟨g, x − x0⟩ + D(x, x0)/ε over distributions x. What is x_k?",
			Hints:  []string{"A Lagrange multiplier keeps the sum at 1.", "x_k is proportional to x0_k·exp(−ε·g_k)."},
			Variables: []Variable{
				{"x0", "the distribution, K numbers", 1}, {"g", "the gradient, K numbers", 1}, {"eps", "the step size", 0}, {"K", "the number of classes", 0}, {"k", "the class asked for", 0},
			},
			Draw: drawSimplex,
			Exact: func(at Instance) float64 {
				x, _ := mirrored(prox.Simplex[float64]{Per: prox.PerArray}, at["x0"].([]float64), at["g"].([]float64), at["eps"].(float64))
				return x[index(at, "k")]
			},
			Answers: []string{
				"x0[k]*exp(-eps*g[k])/sum(i, 1, K, x0[i]*exp(-eps*g[i]))",
				"exp(log(x0[k]) - eps*g[k])/sum(i, 1, K, exp(log(x0[i]) - eps*g[i]))",
				"1/sum(i, 1, K, x0[i]/x0[k]*exp(eps*(g[k]-g[i])))",
			},
			Mistakes: []Mistake{
				{"x0[k]*exp(-eps*g[k])", "the result does not sum to 1: the normaliser is missing"},
				{"exp(-eps*g[k])/sum(i, 1, K, exp(-eps*g[i]))", "where the step started is forgotten"},
				{"x0[k]*exp(eps*g[k])/sum(i, 1, K, x0[i]*exp(eps*g[i]))", "the sign of the gradient"},
				{"sigmoid(logit(x0[k]) - eps*g[k])", "that is right for one coordinate of (0, 1), or two classes and g_1 − g_2"},
			},
		},
	}
}
