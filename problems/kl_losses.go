package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/losses"
)

// klLosses are the questions on what training does with the cross-entropy, and
// on its expectations.
func klLosses() []Question { return append(klTraining(), klExpectations()...) }

// klTraining are the questions on the gradient, smoothing and class weights.
func klTraining() []Question {
	return []Question{
		{
			Name:   "gradient",
			Prompt: "The model is p = softmax(z), the labels at x have the probabilities t. What is the derivative of the cross-entropy, and so of the divergence, in z_k?",
			Hints: []string{
				"−Σ_j t_j·log p_j with log p_j = z_j − log Σ exp(z).",
				"The t_j sum to 1, so the second part is log Σ exp(z).",
				"The derivative of log Σ exp(z) in z_k is p_k.",
			},
			Variables: []Variable{{"t", "the true probabilities", 1}, {"z", "the logits", 1}, {"K", "the number of labels", 0}, {"k", "the label asked for", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				at := drawPair(rng, size)
				k := len(at.vector("t"))
				if rng.IntN(4) == 0 { // a label known for certain
					t := make([]float64, k)
					t[rng.IntN(k)] = 1
					at["t"] = t
				}
				at["z"], at["k"] = niceVector(rng, size, k), float64(1+rng.IntN(k))
				return at
			},
			Exact: func(at Instance) float64 {
				target, err := losses.ProbsOf([][]float64{at.vector("t")})
				if err != nil {
					return math.NaN()
				}
				z, err := losses.LogitsOf([][]float64{at.vector("z")})
				if err != nil {
					return math.NaN()
				}
				g, err := losses.LogitGradient([]float64{1}, target, z)
				if err != nil {
					return math.NaN()
				}
				return g.Lists()[0][index(at, "k")]
			},
			Answers: []string{
				"exp(z[k])/sum(j, 1, K, exp(z[j])) - t[k]",
				"1/sum(j, 1, K, exp(z[j]-z[k])) - t[k]",
				"sum(j, 1, K, t[j]*(exp(z[k])/sum(i, 1, K, exp(z[i])) - when(j == k)))",
			},
			Mistakes: []Mistake{
				{"t[k] - exp(z[k])/sum(j, 1, K, exp(z[j]))", "the sign: that is the direction of descent"},
				{"exp(z[k])/sum(j, 1, K, exp(z[j])) - 1", "t was taken for 1, as if k were the label"},
				{"-t[k]", "the normaliser log Σ exp(z) depends on z_k too"},
				{"-t[k]*sum(j, 1, K, exp(z[j]))/exp(z[k])", "that is the derivative in p_k, not in z_k"},
				{"t[k]*(exp(z[k])/sum(j, 1, K, exp(z[j])) - 1)", "the other labels' terms depend on z_k through the normaliser"},
				{"z[k] - t[k]", "the softmax is forgotten"},
			},
		},
		{
			Name:      "smoothed",
			Prompt:    "Labels are smoothed by a: a share a of the target is spread evenly over all K labels. With which target probability of label k is the cross-entropy taken, if the label is y?",
			Hints:     []string{"It is (1 − a) of the label and a of the uniform distribution.", "The label itself is one of the K that share a."},
			Variables: []Variable{{"a", "the smoothing, 0 ≤ a < 1", 0}, {"y", "the label", 0}, {"K", "the number of labels", 0}, {"k", "the label asked for", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				k := 2 + rng.IntN(min(size, 4))
				return Instance{"a": float64(rng.IntN(8)) / 8, "y": float64(1 + rng.IntN(k)), "K": float64(k), "k": float64(1 + rng.IntN(k))}
			},
			Exact: func(at Instance) float64 {
				k := int(at.number("K"))
				target, err := losses.OneHot([]int{index(at, "y")}, k)
				if err != nil {
					return math.NaN()
				}
				z, err := losses.LogitsOf([][]float64{make([]float64, k)})
				if err != nil {
					return math.NaN()
				}
				e, err := losses.Targets{Probs: target, Smoothing: at.number("a")}.Evaluate(z)
				if err != nil {
					return math.NaN()
				}
				// The gradient is softmax(0) − target.
				return 1/at.number("K") - e.Gradient.Lists()[0][index(at, "k")]
			},
			Answers: []string{"(1-a)*when(k == y) + a/K", "k == y ? 1 - a + a/K : a/K", "k == y ? 1 - a*(K-1)/K : a/K"},
			Mistakes: []Mistake{
				{"k == y ? 1 - a : a/K", "that does not sum to 1: the label has its part of a too"},
				{"k == y ? 1 - a : a/(K-1)", "that spreads a over the other labels only"},
				{"when(k == y)", "that is the target without smoothing"},
				{"a*when(k == y) + (1-a)/K", "a and 1 − a are exchanged"},
			},
		},
		{
			Name:   "weighted",
			Prompt: "The loss is −Σ w_k·t_k·log p_k, with a weight w_k for each class. Which p_k minimises it over all distributions p?",
			Hints: []string{
				"A Lagrange multiplier keeps the sum of p at 1.",
				"w_k·t_k/p_k is the same for all k.",
			},
			Variables: []Variable{{"w", "the class weights", 1}, {"t", "the true probabilities", 1}, {"K", "the number of classes", 0}, {"k", "the class asked for", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				at := drawPair(rng, size)
				w := make([]float64, len(at.vector("t")))
				for i := range w {
					w[i] = nicePositive(rng, size)
				}
				at["w"], at["k"] = w, float64(1+rng.IntN(len(w)))
				return at
			},
			Exact: func(at Instance) float64 {
				p, err := losses.WeightedMinimiser(at.vector("t"), at.vector("w"))
				if err != nil {
					return math.NaN()
				}
				return p[index(at, "k")]
			},
			Answers: []string{"w[k]*t[k]/sum(j, 1, K, w[j]*t[j])", "w[k]*t[k]/dot(w, t)", "1/sum(j, 1, K, w[j]*t[j]/(w[k]*t[k]))"},
			Mistakes: []Mistake{
				{"t[k]", "that is the minimiser without weights: weights move it"},
				{"w[k]*t[k]", "a distribution sums to 1"},
				{"t[k]/w[k]/sum(j, 1, K, t[j]/w[j])", "divided by the weights: a heavier class gets more, not less"},
				{"w[k]/total(w)", "the true probabilities are forgotten"},
			},
		},
	}
}
