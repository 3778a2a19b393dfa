package problems

import (
	"math/rand/v2"

	"github.com/gradus-ml/gradus/nn"
)

// drawTied draws a layer y_i = a(x_i + x_{i+2}) + b with the gradient g of
// its N − 2 outputs, and a position j of x.
func drawTied(rng *rand.Rand, size int) Instance {
	n := 3 + rng.IntN(min(size, 8)+1)
	return Instance{
		"a": nice(rng, size), "b": nice(rng, size), "x": niceVector(rng, size, n), "g": niceVector(rng, size, n-2),
		"N": float64(n), "j": float64(1 + rng.IntN(n)),
	}
}

// filterGradients is what the layer of package nn gives at an instance.
func filterGradients(at Instance) nn.FilterGradients {
	r, err := nn.FilterPullback([]float64{at["a"].(float64)}, []float64{1, 1}, at["b"].(float64), 2, 1, 0,
		[][]float64{at["x"].([]float64)}, [][]float64{at["g"].([]float64)})
	if err != nil {
		panic(err) // Draw made a layer that does not fit
	}
	return r
}

func tiedQuestions() []Question {
	variables := []Variable{
		{"a", "the tied weight", 0}, {"b", "the bias", 0}, {"x", "the input, N numbers", 1}, {"g", "dL/dy, N − 2 numbers", 1}, {"N", "the length of x, at least 3", 0},
	}
	position := append(variables[:len(variables):len(variables)], Variable{"j", "the position asked for, from 1 to N", 0})
	return []Question{
		{
			Name:      "db",
			Prompt:    "The layer is y_i = a(x_i + x_{i+2}) + b for i = 1 … N − 2, and g = dL/dy. What is dL/db?",
			Hints:     []string{"b is in every output, with derivative 1.", "Add up what every output passes back."},
			Variables: variables, Draw: drawTied,
			Exact:   func(at Instance) float64 { return filterGradients(at).DB },
			Answers: []string{"sum(i, 1, N-2, g[i])", "total(g)", "sum(k, 1, count(g), g[k])"},
			Mistakes: []Mistake{
				{"total(g)/(N-2)", "the mean was taken: gradients add up"},
				{"a*total(g)", "b is not multiplied by a"},
				{"N-2", "the gradient of the loss in y is forgotten"},
			},
		},
		{
			Name:      "da",
			Prompt:    "The layer is y_i = a(x_i + x_{i+2}) + b for i = 1 … N − 2, and g = dL/dy. What is dL/da?",
			Hints:     []string{"∂y_i/∂a is what a multiplies in output i.", "Output i passes back g_i times x_i + x_{i+2}."},
			Variables: variables, Draw: drawTied,
			Exact:   func(at Instance) float64 { return filterGradients(at).DW[0] },
			Answers: []string{"sum(i, 1, N-2, g[i]*(x[i] + x[i+2]))", "sum(i, 1, N-2, g[i]*x[i]) + sum(i, 3, N, g[i-2]*x[i])"},
			Mistakes: []Mistake{
				{"sum(i, 1, N-2, g[i]*x[i])", "the second tap x_{i+2} is forgotten"},
				{"sum(i, 1, N-2, g[i]*(x[i] + x[i+1]))", "the taps are two apart, not one"},
				{"a*sum(i, 1, N-2, g[i]*(x[i] + x[i+2]))", "a is a factor of y, not of its derivative in a"},
				{"sum(i, 1, N, g[i]*(x[i] + x[i+2]))", "there are N − 2 outputs, not N"},
			},
		},
		{
			Name:   "dx",
			Prompt: "The layer is y_i = a(x_i + x_{i+2}) + b for i = 1 … N − 2, and g = dL/dy. What is dL/dx_j, for every j from 1 to N?",
			Hints: []string{
				"Which outputs hold x_j? At most two.",
				"x_j is the first tap of output j, if there is one, and the second tap of output j − 2, if there is one.",
				"Output i exists for 1 ≤ i ≤ N − 2. Try N = 3.",
			},
			Variables: position, Draw: drawTied,
			Exact: func(at Instance) float64 { return filterGradients(at).DX[0][int(at["j"].(float64))-1] },
			Answers: []string{
				"a*((j <= N-2 ? g[j] : 0) + (j >= 3 ? g[j-2] : 0))",
				"a*sum(i, 1, N-2, g[i]*(when(i == j) + when(i == j-2)))",
				"j <= N-2 ? (j >= 3 ? a*(g[j] + g[j-2]) : a*g[j]) : (j >= 3 ? a*g[j-2] : 0)",
			},
			Mistakes: []Mistake{
				{"j <= 2 ? a*g[j] : (j <= N-2 ? a*(g[j] + g[j-2]) : a*g[j-2])", "right for N ≥ 4; for N = 3 the position in the middle is in no output"},
				{"j < 2 ? a*g[j] : (j <= N-2 ? a*(g[j] + g[j-2]) : a*g[j-2])", "the case of two outputs begins at j = 3: at j = 2 it asks for g_0"},
				{"j <= 2 ? a*g[j] : (j < N-2 ? a*(g[j] + g[j-2]) : a*g[j-2])", "the last case begins at j = N − 1: at j = N − 2 it loses g_{N−2}"},
				{"(j <= N-2 ? g[j] : 0) + (j >= 3 ? g[j-2] : 0)", "the weight a is forgotten"},
				{"a*((j <= N-2 ? g[j] : 0) + (j <= N-4 ? g[j+2] : 0))", "the shift points the wrong way: x_j is the second tap of output j − 2"},
			},
		},
	}
}
