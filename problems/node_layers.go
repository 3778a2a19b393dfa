package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/moments"
)

// drawSymmetric draws a covariance matrix with round numbers for small sizes.
func drawSymmetric(rng *rand.Rand, size, n int) [][]float64 {
	c := make([][]float64, n)
	for i := range c {
		c[i] = make([]float64, n)
		for j := range i {
			c[i][j] = nice(rng, size) / 8
			c[j][i] = c[i][j]
		}
		c[i][i] = nicePositive(rng, size) + float64(n)
	}
	return c
}

// nodeLayers asks for what the assumptions of the problem leave out, and for
// what passes from layer to layer.
func nodeLayers() []Question {
	correlated := []Variable{
		{"mw", "the means of the weights", 1}, {"Cw", "their covariances", 2}, {"mx", "the means of the inputs", 1}, {"Cx", "their covariances", 2}, {"n", "the number of inputs", 0},
	}
	draw := func(rng *rand.Rand, size int) Instance {
		n := 1 + rng.IntN(min(size, 3))
		return Instance{
			"mw": niceVector(rng, size, n), "Cw": drawSymmetric(rng, size, n), "mx": niceVector(rng, size, n), "Cx": drawSymmetric(rng, size, n),
			"n": float64(n),
		}
	}
	variance := func(at Instance, mw []float64, cw [][]float64) float64 {
		_, v, err := moments.LinearMoments(mw, cw, at.vector("mx"), at.matrix("Cx"), 0, 0)
		if err != nil {
			panic(err) // Draw left the domain
		}
		return v
	}
	return []Question{
		{
			Name:   "correlated",
			Prompt: "y = Σ w_i·x_i. The weights may be correlated with each other, and so may the inputs, but weights and inputs are independent. What is the variance of y?",
			Hints: []string{
				"E[y²] is the sum over i and j of E[w_i·w_j]·E[x_i·x_j].",
				"E[w_i·w_j] = Cw_ij + mw_i·mw_j, and likewise for x.",
				"Subtract the square of the mean; three products are left.",
			},
			Variables: correlated, Draw: draw,
			Exact: func(at Instance) float64 { return variance(at, at.vector("mw"), at.matrix("Cw")) },
			Answers: []string{
				"sum(i, 1, n, sum(j, 1, n, Cw[i][j]*Cx[i][j] + mw[i]*mw[j]*Cx[i][j] + mx[i]*mx[j]*Cw[i][j]))",
				"sum(i, 1, n, sum(j, 1, n, (Cw[i][j] + mw[i]*mw[j])*(Cx[i][j] + mx[i]*mx[j]))) - dot(mw, mx)^2",
				"sum(i, 1, n, sum(j, 1, n, Cw[i][j]*(Cx[i][j] + mx[i]*mx[j]))) + sum(i, 1, n, mw[i]*dot(Cx[i], mw))",
			},
			Mistakes: []Mistake{
				{"sum(i, 1, n, Cw[i][i]*Cx[i][i])", "that is for means of 0 and no correlations"},
				{"sum(i, 1, n, sum(j, 1, n, Cw[i][j]*Cx[i][j]))", "the means are forgotten: V[XY] is not V[X]·V[Y]"},
				{"sum(i, 1, n, Cw[i][i]*Cx[i][i] + mw[i]^2*Cx[i][i] + mx[i]^2*Cw[i][i])", "the covariances of different elements are forgotten"},
				{"sum(i, 1, n, sum(j, 1, n, (Cw[i][j] + mw[i]*mw[j])*(Cx[i][j] + mx[i]*mx[j])))", "that is E[y²]: the square of the mean is not subtracted"},
			},
		},
		{
			Name:      "fixed",
			Prompt:    "After initialisation the weights stand still at mw; the inputs have the covariances Cx. What is the variance of y = Σ mw_i·x_i over the data?",
			Hints:     []string{"It is a quadratic form in the weights.", "With uncorrelated inputs of one variance it is that variance times ‖mw‖²."},
			Variables: []Variable{{"mw", "the weights", 1}, {"mx", "the means of the inputs", 1}, {"Cx", "their covariances", 2}, {"n", "the number of inputs", 0}},
			Draw:      draw,
			Exact: func(at Instance) float64 {
				none := make([][]float64, len(at.vector("mw")))
				for i := range none {
					none[i] = make([]float64, len(none))
				}
				return variance(at, at.vector("mw"), none)
			},
			Answers: []string{"sum(i, 1, n, sum(j, 1, n, mw[i]*mw[j]*Cx[i][j]))", "sum(i, 1, n, mw[i]*dot(Cx[i], mw))", "sum(i, 1, n, mw[i]^2*Cx[i][i]) + 2*sum(i, 2, n, sum(j, 1, i-1, mw[i]*mw[j]*Cx[i][j]))"},
			Mistakes: []Mistake{
				{"sum(i, 1, n, mw[i]^2*Cx[i][i])", "the correlations of the inputs are forgotten"},
				{"sum(i, 1, n, sum(j, 1, n, mw[i]*mw[j]*(Cx[i][j] + mx[i]*mx[j])))", "the means of the inputs move y, but do not spread it"},
				{"sum(i, 1, n, sum(j, 1, n, mw[i]*Cx[i][j]))", "the weights come in twice"},
				{"sum(i, 1, n, mw[i]^2*Cx[i][i]) + sum(i, 2, n, sum(j, 1, i-1, mw[i]*mw[j]*Cx[i][j]))", "each pair comes in twice"},
			},
		},
		{
			Name:   "relu_mean",
			Prompt: "z is normal with mean 0 and variance v. What is the mean of max(0, z)?",
			Hints: []string{
				"Integrate z times the density from 0 on.",
				"z·exp(−z²/(2v)) is a derivative: of −v·exp(−z²/(2v)).",
			},
			Variables: []Variable{{"v", "the variance of z", 0}}, Draw: drawNeuron,
			Exact: func(at Instance) float64 {
				m, err := moments.GaussianThrough(moments.ReLU(), 0, at.number("v"))
				if err != nil {
					panic(err) // Draw left the domain
				}
				return m.Mean
			},
			Answers: []string{"sqrt(v/(2*pi()))", "sqrt(v)/sqrt(2*pi())", "v/sqrt(2*pi()*v)"},
			Mistakes: []Mistake{
				{"0", "the negative half is cut off, and nothing balances the positive one"},
				{"v/sqrt(2*pi())", "a mean scales with the deviation, not the variance"},
				{"sqrt(2*v/pi())", "that is the mean of |z|"},
				{"sqrt(v)/2", "half of the mean of |z|, which is not the deviation"},
			},
		},
		{
			Name:   "kurtosis",
			Prompt: "y = Σ w_i·x_i over n independent terms of mean 0; E[w⁴]/E[w²]² = kw and E[x⁴]/E[x²]² = kx. What is E[y⁴]/E[y²]²?",
			Hints: []string{
				"One term has the kurtosis kw·kx.",
				"In the fourth power of a sum of n terms, n terms have one index, and 3·n·(n − 1) have two pairs.",
				"For large n it comes to 3, as for a normal y.",
			},
			Variables: []Variable{{"n", "the number of inputs", 0}, {"kw", "the kurtosis of each weight", 0}, {"kx", "the kurtosis of each input", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				return Instance{"n": float64(1 + rng.IntN(min(size, 20))), "kw": 1 + nicePositive(rng, size), "kx": 1 + nicePositive(rng, size)}
			},
			Exact: func(at Instance) float64 {
				k, err := moments.LinearKurtosisIID(int(at.number("n")), at.number("kw"), at.number("kx"))
				if err != nil {
					panic(err) // Draw left the domain
				}
				return k
			},
			Answers: []string{"3 + (kw*kx - 3)/n", "(n*kw*kx + 3*n*(n-1))/n^2", "kw*kx/n + 3*(1 - 1/n)"},
			Mistakes: []Mistake{
				{"3", "y is normal in the limit of large n only"},
				{"kw*kx", "that is for n = 1"},
				{"kw*kx/n", "products of two different pairs count too"},
				{"kw*kx/n + (1 - 1/n)", "there are three ways to pair four factors"},
			},
		},
		{
			Name:   "backward",
			Prompt: "Behind ReLU each unit passes its value to m units of the next layer, with zero-mean weights of variance var_w. Their gradients have variance d, and z is as often positive as negative. What is the variance of the gradient in z?",
			Hints: []string{
				"The gradient in the activation is a sum of m products.",
				"ReLU's slope is 1 on one half and 0 on the other.",
			},
			Variables: []Variable{{"m", "the number of units it passes to", 0}, {"var_w", "the variance of each weight", 0}, {"d", "the variance of their gradients, of mean 0", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				return Instance{"m": float64(1 + rng.IntN(min(size, 20))), "var_w": nicePositive(rng, size), "d": nicePositive(rng, size)}
			},
			Exact: func(at Instance) float64 {
				f, err := moments.GaussianThrough(moments.ReLU(), 0, 1)
				if err != nil {
					return math.NaN()
				}
				v, err := moments.BackwardVariance(at.number("d"), []moments.BackwardLayer{
					{FanOut: int(at.number("m")), WeightVariance: at.number("var_w"), SlopeSecondMoment: f.SlopeSecondMoment},
				})
				if err != nil {
					return math.NaN()
				}
				return v[len(v)-1]
			},
			Answers: []string{"m*var_w*d/2", "0.5*m*var_w*d", "sum(i, 1, m, var_w*d)/2"},
			Mistakes: []Mistake{
				{"m*var_w*d", "half of the units pass nothing back"},
				{"var_w*d/2", "the gradients of m units add up"},
				{"m*var_w*d/4", "the slope is squared, and 1² is 1: a half, not a quarter"},
				{"m*sqrt(var_w)*d/2", "the variance of the weights, not their deviation"},
			},
		},
	}
}
