package problems

import (
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/tensor"
)

// drawAttack draws an input in [0, 1]^n, a gradient, at times with zeros, a
// radius and an element i.
func drawAttack(rng *rand.Rand, size int) Instance {
	n := 1 + rng.IntN(min(1+size, 4))
	x := make([]float64, n)
	for i := range x {
		x[i] = float64(1+rng.IntN(7)) / 8
	}
	g := niceVector(rng, size, n)
	if norm(g) == 0 {
		g[0] = 1
	}
	return Instance{"x": x, "g": g, "eps": float64(1+rng.IntN(6)) / 8, "n": float64(n), "i": float64(1 + rng.IntN(n)), "lo": 0., "hi": 1.}
}

// attacked returns the minimiser of an instance in a ball and a box.
func attacked(at Instance, ball attack.Ball, box attack.Box) (adv []float64, value float64) {
	x := at["x"].([]float64)
	adv = make([]float64, len(x))
	value, err := attack.Minimise(adv, x, at["g"].([]float64), ball, box)
	if err != nil {
		panic(err) // Draw left the domain
	}
	return adv, value
}

func attackVariables() []Variable {
	return []Variable{
		{"x", "the input", 1}, {"g", "the gradient of the log-probability at x", 1}, {"eps", "how far each element may move", 0},
		{"n", "the number of elements", 0}, {"i", "an element, from 1", 0},
	}
}

func attackQuestions() []Question {
	index := func(at Instance) int { return int(at["i"].(float64)) - 1 }
	return []Question{
		{
			Name: "x", Prompt: "Minimise Σ g[i]·(x̃[i] − x[i]) subject to |x̃[i] − x[i]| ≤ eps for all i. What is x̃[i]? Leave x[i] where g[i] = 0.",
			Hints: []string{
				"Each element decides for itself.",
				"A linear function is least on the border: go against the sign of g[i], all the way.",
				"From x[i], the step is −eps·sign(g[i]).",
			},
			Variables: attackVariables(), Draw: drawAttack,
			Exact: func(at Instance) float64 {
				adv, _ := attacked(at, attack.LInf(at["eps"].(float64)), attack.Everywhere())
				return adv[index(at)]
			},
			Answers: []string{"x[i] - eps*sign(g[i])", "g[i] > 0 ? x[i] - eps : (g[i] < 0 ? x[i] + eps : x[i])", "x[i] + eps*(when(g[i] < 0) - when(g[i] > 0))"},
			Mistakes: []Mistake{
				{"-eps*sign(g[i])", "that is the perturbation x̃ − x, as printed: x[i] is missing"},
				{"x[i] + eps*sign(g[i])", "the sign: this raises the log-probability"},
				{"x[i] - eps*g[i]", "a gradient step: it stops inside the box, or leaves it"},
				{"x[i] - eps*g[i]/norm(g)", "that is the solution in the Euclidean ball"},
				{"x[i] - sign(g[i])", "eps is missing"},
			},
		},
		{
			Name: "value", Prompt: "By how much does the linearised log-probability change at best? (The least Σ g[i]·(x̃[i] − x[i]) over |x̃[i] − x[i]| ≤ eps.)",
			Hints: []string{
				"Put the solution in.",
				"g[i]·sign(g[i]) = |g[i]|.",
			},
			Variables: attackVariables(), Draw: drawAttack,
			Exact: func(at Instance) float64 {
				_, value := attacked(at, attack.LInf(at["eps"].(float64)), attack.Everywhere())
				return value
			},
			Answers: []string{"-eps*sum(j, 1, n, abs(g[j]))", "-sum(j, 1, n, eps*sign(g[j])*g[j])", "sum(j, 1, n, min(eps*g[j], -eps*g[j]))"},
			Mistakes: []Mistake{
				{"-eps*norm(g)", "the Euclidean norm: that is the value in the Euclidean ball"},
				{"eps*sum(j, 1, n, abs(g[j]))", "the sign: the log-probability falls"},
				{"-eps*sum(j, 1, n, g[j])", "moves of both signs lower it: take |g[j]|"},
				{"-eps*abs(g[i])", "that is the share of one element"},
			},
		},
		{
			Name: "euclidean", Prompt: "Minimise Σ g[i]·(x̃[i] − x[i]) over the Euclidean ball ‖x̃ − x‖ ≤ eps instead. What is x̃[i]?",
			Hints: []string{
				"Cauchy and Schwarz: ⟨g, δ⟩ ≥ −‖g‖·‖δ‖, with equality where δ points against g.",
				"The length of the step is eps.",
			},
			Variables: attackVariables(), Draw: drawAttack,
			Exact: func(at Instance) float64 {
				adv, _ := attacked(at, attack.L2(at["eps"].(float64)), attack.Everywhere())
				return adv[index(at)]
			},
			Answers: []string{"x[i] - eps*g[i]/norm(g)", "x[i] - eps*g[i]/sqrt(dot(g, g))"},
			Mistakes: []Mistake{
				{"x[i] - eps*sign(g[i])", "that is the solution in the box, which is larger than the ball"},
				{"x[i] - eps*g[i]", "the step has the length eps·‖g‖"},
				{"x[i] - eps*g[i]/norm(g)^2", "divided by the square of the norm"},
				{"x[i] + eps*g[i]/norm(g)", "the sign: this raises the log-probability"},
			},
		},
		{
			Name: "clipped", Prompt: "Inputs must stay between lo and hi, and |x̃[i] − x[i]| ≤ eps. What is x̃[i]? Leave x[i] where g[i] = 0.",
			Hints: []string{
				"Each element still decides for itself, in a smaller interval.",
				"Its end is eps away or at the bound, whichever is nearer.",
			},
			Variables: append(attackVariables(), Variable{"lo", "the least valid value", 0}, Variable{"hi", "the greatest", 0}),
			Draw:      drawAttack,
			Exact: func(at Instance) float64 {
				adv, _ := attacked(at, attack.LInf(at["eps"].(float64)), attack.Box{Lo: at["lo"].(float64), Hi: at["hi"].(float64)})
				return adv[index(at)]
			},
			Answers: []string{"min(max(x[i] - eps*sign(g[i]), lo), hi)", "g[i] > 0 ? max(x[i] - eps, lo) : (g[i] < 0 ? min(x[i] + eps, hi) : x[i])"},
			Mistakes: []Mistake{
				{"x[i] - eps*sign(g[i])", "the bounds are forgotten"},
				{"max(x[i] - eps*sign(g[i]), lo)", "the upper bound is forgotten"},
				{"min(x[i] - eps*sign(g[i]), hi)", "the lower bound is forgotten"},
				{"max(min(x[i] - eps*sign(g[i]), lo), hi)", "minimum and maximum are exchanged"},
			},
		},
		{
			Name: "gradient", Prompt: "The classifier is p = softmax(W·x + c). What is the derivative of log p[y] in x[j]?",
			Hints: []string{
				"log p[y] is a logit less the log-sum-exp of all logits.",
				"The derivative of the log-sum-exp weighs the rows of W by p.",
			},
			Variables: []Variable{
				{"W", "the weights, a row for each class", 2}, {"p", "the probabilities at x", 1}, {"K", "the number of classes", 0},
				{"y", "the right class, from 1", 0}, {"j", "an element of x, from 1", 0},
			},
			Draw: func(rng *rand.Rand, size int) Instance {
				n, k := 1+rng.IntN(2), 2+rng.IntN(min(size, 3))
				w, c, x := make([][]float64, k), niceVector(rng, size, k), niceVector(rng, size, n)
				logits := make([]float64, k)
				for i := range w {
					w[i] = niceVector(rng, size, n)
					logits[i] = dot(w[i], x) + c[i]
				}
				return Instance{"W": w, "c": c, "x": x, "p": softmaxRows([][]float64{logits})[0], "K": float64(k), "y": float64(1 + rng.IntN(k)), "j": float64(1 + rng.IntN(n))}
			},
			Exact: func(at Instance) float64 {
				model, x := softmaxLinear{at["W"].([][]float64), at["c"].([]float64)}, at["x"].([]float64)
				l, err := attack.Linearise(model.layer(), tensor.From(slices.Clone(x), 1, len(x)), []int{int(at["y"].(float64)) - 1})
				if err != nil {
					panic(err) // Draw left the domain
				}
				return l.Gradient.Data[int(at["j"].(float64))-1]
			},
			Answers: []string{"W[y][j] - sum(k, 1, K, p[k]*W[k][j])", "sum(k, 1, K, (when(k == y) - p[k])*W[k][j])"},
			Mistakes: []Mistake{
				{"W[y][j]", "that is the derivative of the logit: the normaliser depends on x too"},
				{"p[y]*(W[y][j] - sum(k, 1, K, p[k]*W[k][j]))", "that is the derivative of the probability, not of its logarithm"},
				{"sum(k, 1, K, p[k]*W[k][j]) - W[y][j]", "the sign: that is the derivative of the loss"},
				{"(1 - p[y])*W[y][j]", "the rows of the other classes are forgotten"},
			},
		},
	}
}
