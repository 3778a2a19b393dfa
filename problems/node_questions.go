package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/moments"
)

// drawNeuron draws means and variances of independent weights and inputs.
func drawNeuron(rng *rand.Rand, size int) Instance {
	return Instance{
		"n": float64(1 + rng.IntN(min(size, 20))), "v": nicePositive(rng, size),
		"mean_w": nice(rng, size), "var_w": nicePositive(rng, size), "mean_x": nice(rng, size), "var_x": nicePositive(rng, size),
		"mean_b": nice(rng, size), "var_b": nicePositive(rng, size),
	}
}

func neuronVariables() []Variable {
	return []Variable{
		{"n", "the number of inputs", 0}, {"mean_w", "the mean of each weight", 0}, {"var_w", "the variance of each weight", 0},
		{"mean_x", "the mean of each input", 0}, {"var_x", "the variance of each input", 0},
		{"mean_b", "the mean of the bias", 0}, {"var_b", "the variance of the bias", 0},
	}
}

// neuron returns mean and variance of y by package moments.
func neuron(at Instance) (mean, variance float64) {
	mean, variance, err := moments.LinearMomentsIID(int(at.number("n")), at.number("mean_w"), at.number("var_w"),
		at.number("mean_x"), at.number("var_x"), at.number("mean_b"), at.number("var_b"))
	if err != nil {
		panic(err) // Draw left the domain
	}
	return mean, variance
}

func nodeQuestions() []Question {
	statement := "y = Σ w_i·x_i + b over n inputs; weights, inputs and bias are all independent. "
	return []Question{
		{
			Name: "mean", Prompt: statement + "What is the mean of y?",
			Hints:     []string{"The mean of a sum is the sum of the means.", "The mean of a product of independent variables is the product of their means."},
			Variables: neuronVariables(), Draw: drawNeuron,
			Exact:   func(at Instance) float64 { mean, _ := neuron(at); return mean },
			Answers: []string{"n*mean_w*mean_x + mean_b", "sum(i, 1, n, mean_w*mean_x) + mean_b"},
			Mistakes: []Mistake{
				{"0", "that is so for weights or inputs of mean 0 and no bias only"},
				{"mean_w*mean_x + mean_b", "there are n terms"},
				{"n*mean_w*mean_x", "the bias is forgotten"},
				{"n*(mean_w + mean_x) + mean_b", "a product was taken for a sum"},
			},
		},
		{
			Name: "variance", Prompt: statement + "What is the variance of y, for any means?",
			Hints: []string{
				"The variances of independent terms add up.",
				"V[w·x] = E[w²]·E[x²] − (E[w]·E[x])².",
				"E[w²] is the variance plus the square of the mean.",
			},
			Variables: neuronVariables(), Draw: drawNeuron,
			Exact: func(at Instance) float64 { _, variance := neuron(at); return variance },
			Answers: []string{
				"n*(var_w*var_x + mean_w^2*var_x + mean_x^2*var_w) + var_b",
				"n*((var_w + mean_w^2)*(var_x + mean_x^2) - (mean_w*mean_x)^2) + var_b",
			},
			Mistakes: []Mistake{
				{"n*var_w*var_x + var_b", "V[w·x] = V[w]·V[x] was used, as in the printed solution: it needs means of 0"},
				{"n*(var_w + mean_w^2)*(var_x + mean_x^2) + var_b", "that is the second moment of the terms: the square of their mean is not subtracted"},
				{"n^2*(var_w*var_x + mean_w^2*var_x + mean_x^2*var_w) + var_b", "independent terms add their variances, not their deviations"},
				{"n*(var_w*var_x + mean_w^2*var_x + mean_x^2*var_w)", "the bias is forgotten"},
				{"n*(var_w + var_x) + var_b", "a product was taken for a sum"},
			},
		},
		{
			Name: "input", Prompt: "Weights are independent of mean 0 and variance var_w, there is no bias, and the input x is given. What is the variance of y = Σ w_i·x_i over draws of the weights?",
			Hints:     []string{"Given x, each term has the variance x[i]²·var_w.", "The inputs need no mean of 0 and no independence for that."},
			Variables: []Variable{{"x", "the input", 1}, {"n", "its length", 0}, {"var_w", "the variance of each weight", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				n := 1 + rng.IntN(min(1+size, 5))
				return Instance{"x": niceVector(rng, size, n), "n": float64(n), "var_w": nicePositive(rng, size)}
			},
			Exact: func(at Instance) float64 {
				n := len(at.vector("x"))
				cov, none := make([][]float64, n), make([][]float64, n)
				for i := range cov {
					cov[i], none[i] = make([]float64, n), make([]float64, n)
					cov[i][i] = at.number("var_w")
				}
				_, variance, err := moments.LinearMoments(make([]float64, n), cov, at.vector("x"), none, 0, 0)
				if err != nil {
					panic(err) // Draw left the domain
				}
				return variance
			},
			Answers: []string{"var_w*sum(i, 1, n, x[i]^2)", "var_w*norm(x)^2", "dot(x, x)*var_w"},
			Mistakes: []Mistake{
				{"var_w*norm(x)", "the norm is not squared"},
				{"var_w*(dot(x, x) - total(x)^2/n)", "the second moment of the inputs counts, not their variance"},
				{"var_w*total(x)^2", "the square of the sum, not the sum of the squares"},
				{"n*var_w", "the input is forgotten"},
			},
		},
		{
			Name: "relu", Prompt: "z is normal with mean 0 and variance v. What is the second moment of max(0, z)?",
			Hints:     []string{"max(0, z)² is z² on one half, 0 on the other.", "Both halves are alike."},
			Variables: []Variable{{"v", "the variance of z", 0}}, Draw: drawNeuron,
			Exact: func(at Instance) float64 {
				m, err := moments.GaussianThrough(moments.ReLU(), 0, at.number("v"))
				if err != nil {
					panic(err) // Draw left the domain
				}
				return m.SecondMoment
			},
			Answers: []string{"v/2", "0.5*v"},
			Mistakes: []Mistake{
				{"v", "one half of z is cut off"},
				{"v/(2*pi())", "that is the square of the mean"},
				{"v/2 - v/(2*pi())", "that is the variance: the mean of max(0, z) is not 0"},
				{"sqrt(v)/2", "a second moment scales with the variance"},
			},
		},
		{
			Name: "he", Prompt: "Which variance of zero-mean weights keeps the second moment of the activations from layer to layer, behind ReLU, with n inputs to each unit?",
			Hints: []string{
				"z has the variance n·var_w·E[x²].",
				"ReLU halves the second moment.",
				"n·var_w/2 = 1.",
			},
			Variables: []Variable{{"n", "the number of inputs", 0}}, Draw: drawNeuron,
			Exact: func(at Instance) float64 {
				gain, err := moments.Gain(moments.ReLU())
				if err != nil {
					return math.NaN()
				}
				n := int(at.number("n"))
				std, err := moments.InitStd(moments.FanIn, n, n, gain.Forward)
				if err != nil {
					return math.NaN()
				}
				return std * std
			},
			Answers: []string{"2/n", "1/(n/2)"},
			Mistakes: []Mistake{
				{"1/n", "that keeps it without an activation: ReLU halves it"},
				{"sqrt(2/n)", "that is the deviation of the weights, not their variance"},
				{"1/(2*n)", "ReLU's half was multiplied where it is to be made up for"},
			},
		},
	}
}
