package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
)

// emaVariables are the scalars of one coordinate of a step.
func emaVariables() []Variable {
	return []Variable{
		{"theta", "the parameter before the step", 0}, {"s", "the smoothed gradient", 0},
		{"eps", "the step size", 0}, {"lambda", "the weight of λ/2·θ²", 0},
	}
}

// drawStep draws a step with λ·ε < 1.
func drawStep(rng *rand.Rand, size int) Instance {
	eps := float64(1+rng.IntN(4)) / 8
	lambda := float64(rng.IntN(6)) / 4
	if size > 10 {
		eps = rng.Float64() + 0.01
		lambda = rng.Float64() / eps
	}
	return Instance{"theta": nice(rng, size), "s": nice(rng, size), "eps": eps, "lambda": lambda}
}

func emaQuestions() []Question {
	return []Question{
		{
			Name:   "average",
			Prompt: "The smoothed gradient was s. A new gradient g arrives. What is the new exponentially weighted average, if a new gradient counts q?",
			Hints: []string{
				"An average of old and new: two weights that sum to 1.",
				"The new gradient has weight q.",
				"The old average keeps weight 1 − q.",
			},
			Variables: []Variable{{"s", "the average so far", 0}, {"g", "the new gradient", 0}, {"q", "the weight of a new gradient, 0 < q ≤ 1", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				return Instance{"s": nice(rng, size), "g": nice(rng, size), "q": float64(1+rng.IntN(8)) / 8}
			},
			Exact: func(at Instance) float64 {
				// A step of size 1 from 0 along an average that stood at s is −(the new average).
				step := optim.SGDStep[float64](1)
				step.Estimator = optim.EMA[float64]{Q: at["q"].(float64)}
				gradients := []float64{at["s"].(float64) / at["q"].(float64), at["g"].(float64)}
				t := 0
				path, err := follow(step, []float64{0}, 2, func([]float64) []float64 { t++; return gradients[t-1 : t] })
				if err != nil {
					return math.NaN()
				}
				return path[1][0] - path[2][0]
			},
			Answers: []string{"(1-q)*s + q*g", "s + q*(g-s)", "s - q*s + g*q"},
			Mistakes: []Mistake{
				{"q*s + (1-q)*g", "the two weights are exchanged"},
				{"(1-q)*s + g", "the new gradient is not weighted: that is heavy-ball momentum, larger by 1/q"},
				{"s + q*g", "the old average does not fade"},
			},
		},
		{
			Name:   "sgd",
			Prompt: "Take the gradient step of size ε for L + λ/2·θ², with the smoothed gradient s of L. What is the new θ?",
			Hints: []string{
				"The step goes along the gradient of both terms.",
				"The gradient of λ/2·θ² is λ·θ.",
				"θ − ε·(s + λ·θ), in any form.",
			},
			Variables: emaVariables(),
			Draw:      drawStep,
			Exact: func(at Instance) float64 {
				eps, lambda := at["eps"].(float64), at["lambda"].(float64)
				step := optim.SGDStep[float64](1)
				step.Rate, step.Decay = optim.Constant(eps), optim.Decay{Form: optim.Decoupled, Lambda: lambda}
				path, err := follow(step, []float64{at["theta"].(float64)}, 1, func([]float64) []float64 { return []float64{at["s"].(float64)} })
				if err != nil {
					return math.NaN()
				}
				return path[1][0]
			},
			Answers: []string{"theta - eps*(s + lambda*theta)", "(1 - eps*lambda)*theta - eps*s"},
			Mistakes: []Mistake{
				{"theta - eps*s", "the regulariser is forgotten"},
				{"theta - eps*(s + lambda*theta^2/2)", "the regulariser itself was added, not its gradient"},
				{"theta - eps*(s + 2*lambda*theta)", "the half in λ/2·θ² is lost"},
				{"theta + eps*(s + lambda*theta)", "the sign: a step of descent goes against the gradient"},
				{"(theta - eps*s)/(1 + eps*lambda)", "that is the proximal step"},
			},
		},
		{
			Name:   "prox",
			Prompt: "Minimise s·(θ′ − θ) + λ/2·θ′² + (θ′ − θ)²/(2ε) over θ′. What is the minimiser?",
			Hints: []string{
				"It is a parabola in θ′: set its slope to zero.",
				"s + λ·θ′ + (θ′ − θ)/ε = 0.",
				"Collect θ′: it has the factor 1 + ε·λ.",
			},
			Variables: emaVariables(),
			Draw:      drawStep,
			Exact: func(at Instance) float64 {
				eps := at["eps"].(float64)
				out := []float64{0}
				prox.L2[float64]{Lambda: at["lambda"].(float64)}.Prox(out, []float64{at["theta"].(float64) - eps*at["s"].(float64)}, eps)
				return out[0]
			},
			Answers: []string{"(theta - eps*s)/(1 + eps*lambda)", "(theta/eps - s)/(lambda + 1/eps)", "theta - eps*(s + lambda*theta)/(1 + eps*lambda)"},
			Mistakes: []Mistake{
				{"theta - eps*(s + lambda*theta)", "the regulariser was linearised at the old point: that is the gradient step"},
				{"(theta - eps*s)/(1 - eps*lambda)", "the sign of ε·λ in the denominator"},
				{"(theta - eps*s)/(1 + lambda)", "ε is missing beside λ"},
				{"theta/(1 + eps*lambda) - eps*s", "the gradient's part is not divided"},
			},
		},
		{
			Name:   "step",
			Prompt: "With which step size ε′ does the proximal step equal the gradient step of size ε, for λ·ε < 1?",
			Hints: []string{
				"Compare how much of θ is left: 1/(1 + ε′λ) and 1 − ελ.",
				"1 + ε′λ = 1/(1 − ελ).",
				"Solve for ε′.",
			},
			Variables: []Variable{{"eps", "the gradient step's size", 0}, {"lambda", "the weight, λ·ε < 1", 0}},
			Draw:      drawStep,
			Exact: func(at Instance) float64 {
				e, err := prox.ProximalStep(at["eps"].(float64), at["lambda"].(float64))
				if err != nil {
					return math.NaN()
				}
				return e
			},
			Answers: []string{"eps/(1 - lambda*eps)", "1/(1/eps - lambda)"},
			Mistakes: []Mistake{
				{"eps/(1 + lambda*eps)", "that is the way back, from ε′ to ε"},
				{"eps*(1 - lambda*eps)", "multiplied where it should be divided"},
				{"eps", "they differ as soon as λ > 0"},
			},
		},
	}
}
