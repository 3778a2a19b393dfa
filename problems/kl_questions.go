package problems

import (
	"math/rand/v2"

	"github.com/gradus-ml/gradus/losses"
)

// drawPair draws two distributions over K classes, positive everywhere: the
// true one t and the model's p.
func drawPair(rng *rand.Rand, size int) Instance {
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
	return Instance{"t": t, "p": p, "K": float64(n)}
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
	return append([]Question{
		{
			Name: "kl", Prompt: "What is the divergence KL(t‖p) of the model's distribution p from the true one t, over K classes?",
			Hints: []string{
				"It is the expectation, under t, of a difference of logarithms.",
				"log t − log p, weighted by t.",
				"A sum over k of t[k]·log(t[k]/p[k]).",
			},
			Variables: klVariables(), Draw: drawPair,
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
			Variables: klVariables(), Draw: drawPair,
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
			Variables: klVariables(), Draw: drawPair,
			Exact:   func(at Instance) float64 { return targetSplit(at).Entropy[0] },
			Answers: []string{"-sum(k, 1, K, t[k]*log(t[k]))", "sum(k, 1, K, t[k]*log(1/t[k]))"},
			Mistakes: []Mistake{
				{"sum(k, 1, K, t[k]*log(t[k]))", "the sign: an entropy of classes is not negative"},
				{"-sum(k, 1, K, t[k]*t[k])", "the logarithm is missing, as in the printed line (17)"},
				{"-sum(k, 1, K, p[k]*log(p[k]))", "that is the entropy of the model, which depends on its parameters"},
				{"log(K)", "that is the largest entropy that K classes can have"},
			},
		},
	}, klLosses()...)
}
