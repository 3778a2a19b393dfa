package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/losses"
)

// drawTarget draws two distributions over K classes, positive everywhere: the
// true one t and the model's p, with the logits z = log p of the latter, and a
// class k.
func drawTarget(rng *rand.Rand, size int) Instance {
	n := 2 + rng.IntN(min(size, 4))
	shares := func() []float64 {
		s, total := make([]float64, n), 0.
		for i := range s {
			s[i] = float64(1 + rng.IntN(min(4+size, 40)))
			total += s[i]
		}
		for i := range s {
			s[i] /= total
		}
		return s
	}
	t, p := shares(), shares()
	z := niceVector(rng, size, n)
	return Instance{"t": t, "p": p, "z": z, "K": float64(n), "k": float64(1 + rng.IntN(n))}
}

// targetSplit returns KL, CE and H of an instance by package losses.
func targetSplit(at Instance) *losses.Split {
	target, err := losses.ProbsOf([][]float64{at["t"].([]float64)})
	if err != nil {
		panic(err) // Draw left the domain
	}
	model, err := losses.ProbsOf([][]float64{at["p"].([]float64)})
	if err != nil {
		panic(err)
	}
	split, err := losses.Expect([]float64{1}, target, model.LogProbs())
	if err != nil {
		panic(err)
	}
	return split
}

func klVariables() []Variable {
	return []Variable{
		{"t", "the true distribution p*(y|x) of one x", 1}, {"p", "the model's distribution p(y|x)", 1}, {"K", "the number of classes", 0},
	}
}

func klQuestions() []Question {
	return []Question{
		{
			Name: "kl", Prompt: "What is the divergence KL(t‖p) of the model's distribution p from the true one t, over K classes?",
			Hints: []string{
				"It is the expectation, under t, of a difference of logarithms.",
				"log t − log p, weighted by t.",
				"A sum over k of t[k]·log(t[k]/p[k]).",
			},
			Variables: klVariables(), Draw: drawTarget,
			Exact:   func(at Instance) float64 { return targetSplit(at).KL[0] },
			Answers: []string{"sum(k, 1, K, t[k]*log(t[k]/p[k]))", "sum(k, 1, K, t[k]*log(t[k])) - sum(k, 1, K, t[k]*log(p[k]))", "sum(k, 1, K, t[k]*(log(t[k]) - log(p[k])))"},
			Mistakes: []Mistake{
				{"sum(k, 1, K, t[k]*t[k]) - sum(k, 1, K, t[k]*log(p[k]))", "the logarithm is missing in the first term, as in the printed line (17)"},
				{"sum(k, 1, K, p[k]*log(p[k]/t[k]))", "the arguments are exchanged: that is KL(p‖t)"},
				{"-sum(k, 1, K, t[k]*log(p[k]))", "that is the cross-entropy: the entropy is not subtracted"},
				{"sum(k, 1, K, t[k]*log(p[k]/t[k]))", "the sign: a divergence is not negative"},
				{"sum(k, 1, K, log(t[k]/p[k]))", "the terms are not weighted by t"},
			},
		},
		{
			Name: "cross_entropy", Prompt: "What is the cross-entropy of the model's distribution p relative to the true one t?",
			Hints: []string{
				"The expected surprise of who believes p where t holds.",
				"−log p is the surprise, t is what happens.",
			},
			Variables: klVariables(), Draw: drawTarget,
			Exact:   func(at Instance) float64 { return targetSplit(at).CrossEntropy[0] },
			Answers: []string{"-sum(k, 1, K, t[k]*log(p[k]))", "sum(k, 1, K, t[k]*log(1/p[k]))"},
			Mistakes: []Mistake{
				{"sum(k, 1, K, t[k]*log(p[k]))", "the sign: logarithms of probabilities are negative"},
				{"-sum(k, 1, K, p[k]*log(t[k]))", "the arguments are exchanged"},
				{"-sum(k, 1, K, t[k]*log(t[k]))", "that is the entropy of t: the model is not in it"},
				{"sum(k, 1, K, t[k]*log(t[k]/p[k]))", "that is the divergence: smaller by the entropy of t"},
			},
		},
		{
			Name: "constant", Prompt: "By how much does the cross-entropy exceed the divergence KL(t‖p)? This is what no parameter of the model can move.",
			Hints: []string{
				"Write the logarithm of the quotient as a difference.",
				"The term without p is what remains.",
				"It is the entropy of t.",
			},
			Variables: klVariables(), Draw: drawTarget,
			Exact:   func(at Instance) float64 { return targetSplit(at).Entropy[0] },
			Answers: []string{"-sum(k, 1, K, t[k]*log(t[k]))", "sum(k, 1, K, t[k]*log(1/t[k]))"},
			Mistakes: []Mistake{
				{"sum(k, 1, K, t[k]*log(t[k]))", "the sign: an entropy of classes is not negative"},
				{"-sum(k, 1, K, t[k]*t[k])", "the logarithm is missing, as in the printed line (17)"},
				{"-sum(k, 1, K, p[k]*log(p[k]))", "that is the entropy of the model, which depends on its parameters"},
				{"log(K)", "that is the largest entropy that K classes can have"},
			},
		},
		{
			Name: "gradient", Prompt: "The model gives logits z, p = softmax(z). What is the derivative of the cross-entropy relative to t in the logit z[k]?",
			Hints: []string{
				"log p[k] = z[k] − log Σ exp(z).",
				"t sums to 1, so the log-sum-exp appears once.",
				"Its derivative is the softmax.",
			},
			Variables: []Variable{{"t", "the true distribution of one x", 1}, {"z", "the logits", 1}, {"K", "the number of classes", 0}, {"k", "a class, from 1", 0}},
			Draw:      drawTarget,
			Exact: func(at Instance) float64 {
				target, err := losses.ProbsOf([][]float64{at["t"].([]float64)})
				if err != nil {
					return math.NaN()
				}
				z, err := losses.LogitsOf([][]float64{at["z"].([]float64)})
				if err != nil {
					return math.NaN()
				}
				g, err := losses.LogitGradient([]float64{1}, target, z)
				if err != nil {
					return math.NaN()
				}
				return g.Row(0)[int(at["k"].(float64))-1]
			},
			Answers: []string{"exp(z[k])/sum(j, 1, K, exp(z[j])) - t[k]", "1/sum(j, 1, K, exp(z[j] - z[k])) - t[k]"},
			Mistakes: []Mistake{
				{"t[k] - exp(z[k])/sum(j, 1, K, exp(z[j]))", "the sign: that is the direction of descent"},
				{"-t[k]*sum(j, 1, K, exp(z[j]))/exp(z[k])", "that is the derivative in the probability p[k]"},
				{"-t[k]", "the normaliser depends on z[k] too"},
				{"exp(z[k])/sum(j, 1, K, exp(z[j])) - 1", "that is for a label: t[k] = 1"},
			},
		},
	}
}
