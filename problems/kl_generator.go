package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/losses"
)

// drawGenerator draws inputs of probabilities px, each with its distribution
// of labels T[i] and a model's P[i].
func drawGenerator(rng *rand.Rand, size int) Instance {
	n, k := 1+rng.IntN(min(size, 3)), 2+rng.IntN(min(size, 3))
	return Instance{
		"px": niceDistribution(rng, size, n), "T": niceDistributions(rng, size, n, k), "P": niceDistributions(rng, size, n, k),
		"n": float64(n), "K": float64(k),
	}
}

// expected is the split of package losses at an instance of drawGenerator.
func expected(at Instance) *losses.Split {
	target, err := losses.ProbsOf(at.matrix("T"))
	if err != nil {
		panic(err) // Draw makes distributions
	}
	model, err := losses.ProbsOf(at.matrix("P"))
	if err != nil {
		panic(err)
	}
	s, err := losses.Expect(at.vector("px"), target, model.LogProbs())
	if err != nil {
		panic(err)
	}
	return s
}

// klExpectations are the questions on expectations over x, and over a real y.
func klExpectations() []Question {
	generator := []Variable{
		{"px", "the probability of each of the n inputs", 1}, {"T", "the true p*(k|x_i), n rows of K positive numbers", 2}, {"P", "the model's p(k|x_i)", 2},
		{"n", "the number of inputs", 0}, {"K", "the number of labels", 0},
	}
	return []Question{
		{
			Name:      "expected",
			Prompt:    "Input i has the probability px[i], label k has the probability T[i][k] there, and the model says P[i][k]. What is the expected cross-entropy of the model?",
			Hints:     []string{"At each input it is the mean of −log P[i][k] under T[i].", "Then take the mean over the inputs under px."},
			Variables: generator, Draw: drawGenerator,
			Exact: func(at Instance) float64 { return expected(at).ExpectedCrossEntropy },
			Answers: []string{
				"-sum(i, 1, n, px[i]*sum(k, 1, K, T[i][k]*log(P[i][k])))",
				"sum(i, 1, n, sum(k, 1, K, px[i]*T[i][k]*log(1/P[i][k])))",
				"sum(i, 1, n, px[i]*sum(k, 1, K, T[i][k]*log(T[i][k]/P[i][k]) - T[i][k]*log(T[i][k])))",
			},
			Mistakes: []Mistake{
				{"sum(i, 1, n, px[i]*sum(k, 1, K, T[i][k]*log(P[i][k])))", "the sign: that is the expected log-likelihood"},
				{"-sum(i, 1, n, px[i]*sum(k, 1, K, P[i][k]*log(T[i][k])))", "truth and model are exchanged"},
				{"-sum(i, 1, n, sum(k, 1, K, T[i][k]*log(P[i][k])))/n", "inputs are not equally probable: weigh them by px"},
				{"sum(i, 1, n, px[i]*sum(k, 1, K, T[i][k]*log(T[i][k]/P[i][k])))", "that is the expected divergence: less by the entropy"},
				{"-log(sum(i, 1, n, px[i]*sum(k, 1, K, T[i][k]*P[i][k])))", "the logarithm of a mean is not the mean of logarithms"},
			},
		},
		{
			Name:   "conditional",
			Prompt: "Whatever the model P, its expected cross-entropy exceeds its expected divergence by the same number. Which?",
			Hints: []string{
				"It may not depend on P.",
				"The entropy of the label once the input is known, on average.",
			},
			Variables: generator, Draw: drawGenerator,
			Exact: func(at Instance) float64 { return expected(at).ExpectedEntropy },
			Answers: []string{
				"-sum(i, 1, n, px[i]*sum(k, 1, K, T[i][k]*log(T[i][k])))",
				"sum(i, 1, n, sum(k, 1, K, px[i]*T[i][k]*log(1/T[i][k])))",
				"sum(i, 1, n, px[i]*log(px[i])) - sum(i, 1, n, sum(k, 1, K, px[i]*T[i][k]*log(px[i]*T[i][k])))",
			},
			Mistakes: []Mistake{
				{"-sum(i, 1, n, px[i]*sum(k, 1, K, T[i][k]*T[i][k]))", "the logarithm is lost: t·log t, not t·t"},
				{"sum(i, 1, n, px[i]*sum(k, 1, K, T[i][k]*log(T[i][k])))", "the sign: an entropy of labels is not negative"},
				{"-sum(k, 1, K, sum(i, 1, n, px[i]*T[i][k])*log(sum(i, 1, n, px[i]*T[i][k])))", "that is the entropy of the label before the input is known"},
				{"-sum(i, 1, n, sum(k, 1, K, px[i]*T[i][k]*log(px[i]*T[i][k])))", "that is the joint entropy of input and label"},
				{"0", "equal minimisers do not mean equal values"},
			},
		},
		{
			Name:   "gaussian",
			Prompt: "What is the divergence of the normal distribution with mean m2 and deviation s2 from the true one with mean m1 and deviation s1?",
			Hints: []string{
				"Take the mean of log N(y; m1, s1) − log N(y; m2, s2) under the first.",
				"The mean of (y − m2)² under the first is s1² + (m1 − m2)².",
				"It must be 0 where both are equal.",
			},
			Variables: []Variable{{"m1", "the true mean", 0}, {"s1", "the true standard deviation", 0}, {"m2", "the model's mean", 0}, {"s2", "the model's standard deviation", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				return Instance{"m1": nice(rng, size), "s1": nicePositive(rng, size), "m2": nice(rng, size), "s2": nicePositive(rng, size)}
			},
			Exact: func(at Instance) float64 {
				s, err := losses.ExpectGaussian(losses.Gaussian{Mean: []float64{at.number("m1")}, Std: []float64{at.number("s1")}},
					losses.Gaussian{Mean: []float64{at.number("m2")}, Std: []float64{at.number("s2")}})
				if err != nil {
					return math.NaN()
				}
				return s.KL
			},
			Answers: []string{
				"log(s2/s1) + (s1^2 + (m1-m2)^2)/(2*s2^2) - 1/2",
				"(s1^2/s2^2 - 1 - log(s1^2/s2^2) + ((m1-m2)/s2)^2)/2",
				"log(s2) - log(s1) + (s1-s2)*(s1+s2)/(2*s2^2) + (m1-m2)^2/(2*s2^2)",
			},
			Mistakes: []Mistake{
				{"log(s2/s1) + (s1^2 + (m1-m2)^2)/(2*s2^2)", "1/2 is missing: it must be 0 for equal distributions"},
				{"log(s1/s2) + (s2^2 + (m1-m2)^2)/(2*s1^2) - 1/2", "that is the reverse divergence"},
				{"log(s1/s2) + (s1^2 + (m1-m2)^2)/(2*s2^2) - 1/2", "the sign of the logarithm"},
				{"log(s2^2/s1^2) + (s1^2 + (m1-m2)^2)/(2*s2^2) - 1/2", "the logarithm of the variances has a factor 1/2"},
				{"log(s2/s1) + (m1-m2)^2/(2*s2^2)", "the spread of the true distribution counts too"},
			},
		},
	}
}
