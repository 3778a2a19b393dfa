package problems

import (
	"math/rand/v2"

	"github.com/gradus-ml/gradus/nn"
)

// drawNormalisedRow draws a layer y_i = (w_i·x + b_i)/‖w_i‖ of m rows and n
// columns, no row zero, with the gradient g of y, and indices i and j.
func drawNormalisedRow(rng *rand.Rand, size int) Instance {
	m, n := 1+rng.IntN(min(size, 4)), 1+rng.IntN(min(size, 4))
	w := make([][]float64, m)
	for i := range w {
		w[i] = niceVector(rng, size, n)
		w[i][rng.IntN(n)] = nicePositive(rng, size)
	}
	return Instance{
		"W": w, "b": niceVector(rng, size, m), "x": niceVector(rng, size, n), "g": niceVector(rng, size, m),
		"m": float64(m), "n": float64(n), "i": float64(1 + rng.IntN(m)), "j": float64(1 + rng.IntN(n)),
	}
}

// normalisedGradients is what the layer of package nn gives at an instance.
func normalisedGradients(at Instance) nn.NormalizedGradients {
	r, err := nn.NormalizedPullback(at["W"].([][]float64), at["b"].([]float64), nil, [][]float64{at["x"].([]float64)}, [][]float64{at["g"].([]float64)}, "none", 0)
	if err != nil {
		panic(err) // Draw made a layer that does not fit
	}
	return r
}

// index returns a variable that counts from 1 as a Go index.
func index(at Instance, name string) int { return int(at[name].(float64)) - 1 }

func normalisedQuestions() []Question {
	variables := []Variable{
		{"W", "the weights, m rows w_i of n numbers", 2}, {"b", "the biases, m numbers", 1}, {"x", "the input, n numbers", 1},
		{"g", "dL/dy, m numbers", 1}, {"m", "the number of outputs", 0}, {"n", "the number of inputs", 0},
		{"i", "the row asked for", 0}, {"j", "the column asked for", 0},
	}
	ask := func(name, prompt string, hints []string, exact func(Instance) float64, answers []string, mistakes []Mistake) Question {
		return Question{name, "The layer is y_i = (w_i·x + b_i)/‖w_i‖ and g = dL/dy. " + prompt, hints, variables, drawNormalisedRow, exact, answers, mistakes}
	}
	return []Question{
		ask("db", "What is dL/db_i?",
			[]string{"b_i is in y_i alone.", "∂y_i/∂b_i = 1/‖w_i‖."},
			func(at Instance) float64 { return normalisedGradients(at).DB[index(at, "i")] },
			[]string{"g[i]/norm(W[i])", "g[i]/sqrt(dot(W[i], W[i]))", "g[i]*(sum(k, 1, n, W[i][k]^2))^(-0.5)"},
			[]Mistake{
				{"g[j]/norm(W[j])", "the index: row j has no part in b_i"},
				{"g[i]", "the bias is divided by the norm too"},
				{"sum(k, 1, m, g[k]/norm(W[k]))", "no sum: b_i is in y_i alone"},
				{"g[i]/norm(W[i])^2", "the norm is squared"},
			}),
		ask("dx", "What is dL/dx_j?",
			[]string{"x_j is in every output.", "∂y_i/∂x_j = W_ij/‖w_i‖.", "Sum over the outputs."},
			func(at Instance) float64 { return normalisedGradients(at).DX[0][index(at, "j")] },
			[]string{"sum(k, 1, m, g[k]*W[k][j]/norm(W[k]))", "sum(r, 1, m, g[r]/norm(W[r])*W[r][j])"},
			[]Mistake{
				{"g[i]*W[i][j]/norm(W[i])", "x_j is in every output: a sum over the rows is missing"},
				{"sum(k, 1, m, g[k]*W[k][j])", "the division by the norm is forgotten"},
				{"sum(k, 1, n, g[i]*W[i][k]/norm(W[i]))", "the sum runs over columns instead of rows"},
				{"sum(k, 1, m, g[k]*(W[k][j] + b[k])/norm(W[k]))", "the bias does not multiply x"},
			}),
		ask("dw", "What is dL/dW_ij?",
			[]string{
				"W_ij is in y_i alone, twice: in w_i·x and in ‖w_i‖.",
				"∂‖w_i‖/∂W_ij = W_ij/‖w_i‖.",
				"The quotient rule gives (x_j − y_i·W_ij/‖w_i‖)/‖w_i‖.",
			},
			func(at Instance) float64 { return normalisedGradients(at).DW[index(at, "i")][index(at, "j")] },
			[]string{
				"g[i]/norm(W[i])*(x[j] - (dot(W[i], x) + b[i])*W[i][j]/norm(W[i])^2)",
				"g[i]*(x[j]/norm(W[i]) - (dot(W[i], x) + b[i])*W[i][j]/norm(W[i])^3)",
				"g[i]*(x[j]*dot(W[i], W[i]) - (dot(W[i], x) + b[i])*W[i][j])/norm(W[i])^3",
			},
			[]Mistake{
				{"sum(k, 1, m, g[k]*(x[j]/norm(W[k]) - (dot(W[k], x) + b[k])*W[k][j]/norm(W[k])^3))", "no sum: row i is in y_i alone"},
				{"g[i]*x[j]/norm(W[i])", "the derivative of the norm is left out"},
				{"g[i]*(x[j]/norm(W[i]) - dot(W[i], x)*W[i][j]/norm(W[i])^3)", "the bias is part of what the norm divides"},
				{"g[i]*(x[j]/norm(W[i]) - (dot(W[i], x) + b[i])*W[i][j]/norm(W[i])^2)", "the power of the norm: y_i·W_ij is divided by its square, and y_i has one already"},
				{"g[i]*(x[j]/norm(W[i]) + (dot(W[i], x) + b[i])*W[i][j]/norm(W[i])^3)", "the sign of the norm's derivative"},
			}),
	}
}
