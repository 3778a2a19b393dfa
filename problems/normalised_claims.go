package problems

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/nn"
)

func normalisedClaims() []Claim {
	// compare makes a claim of a formula, written as a learner would, for one
	// of the layer's gradients, held to differences of the layer's output.
	compare := func(formula string, move func(at Instance, by float64)) func(*rand.Rand, int) (bool, string) {
		variables := normalisedQuestions()[0].Variables
		said, err := Compile(formula, variables)
		if err != nil {
			panic(err) // a formula of this file
		}
		return func(rng *rand.Rand, size int) (bool, string) {
			at := drawNormalisedRow(rng, size)
			value, failed := said.Evaluate(at)
			right := normalisedSlope(at, move)
			ok := failed == nil && near(value, right, 1e-5)
			return ok, fmt.Sprintf("%s: the line gives %v%s, right is %.9g", show(at, variables), value, because(failed), right)
		}
	}
	bias := func(at Instance, by float64) { at["b"].([]float64)[index(at, "i")] += by }
	input := func(at Instance, by float64) { at["x"].([]float64)[index(at, "j")] += by }
	weight := func(at Instance, by float64) { at["W"].([][]float64)[index(at, "i")][index(at, "j")] += by }
	return []Claim{
		{
			Line: "the statement", Says: "the layer gives an output for every w_i", Right: false,
			Instead: "for w_i ≠ 0: at 0 the quotient has no value and no limit",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				w := niceVector(rng, 1, 1+rng.IntN(2))
				_, err := nn.NormalizedPullback([][]float64{w}, []float64{1}, nil, [][]float64{make([]float64, len(w))}, nil, "none", 0)
				return err == nil, fmt.Sprintf("w = %v: %v", w, err)
			},
		},
		{
			Line: "(22)", Says: "dL/db_i is g_i divided by the norm of row i, as its left side says", Right: true,
			Try: compare("g[i]/norm(W[i])", bias),
		},
		{
			Line: "(22), as printed", Says: "dL/db_i is g_j/‖w_j‖", Right: false,
			Instead: "g_i/‖w_i‖: there is no j on the left",
			Try:     compare("g[j]/norm(W[j])", bias),
		},
		{
			Line: "(23)", Says: "dL/dx_j is the sum over i of g_i·W_ij/‖w_i‖", Right: true,
			Try: compare("sum(k, 1, m, g[k]*W[k][j]/norm(W[k]))", input),
		},
		{
			Line: "(24), as printed", Says: "dL/dw_i is a sum over i", Right: false,
			Instead: "the term of row i alone: g_i(x/‖w_i‖ − (w_i·x + b_i)·w_i/‖w_i‖³)",
			Try:     compare("sum(k, 1, m, g[k]*(x[j]/norm(W[k]) - (dot(W[k], x) + b[k])*W[k][j]/norm(W[k])^3))", weight),
		},
		{
			Line: "(24), without the sum", Says: "dL/dW_ij is g_i(x_j/‖w_i‖ − (w_i·x + b_i)·W_ij/‖w_i‖³)", Right: true,
			Try: compare("g[i]*(x[j]/norm(W[i]) - (dot(W[i], x) + b[i])*W[i][j]/norm(W[i])^3)", weight),
		},
	}
}

// normalisedSlope is the central difference of ⟨g, y⟩ as move changes the
// instance, which it leaves as it was.
func normalisedSlope(at Instance, move func(at Instance, by float64)) float64 {
	value := func() float64 {
		total, x, b, g := 0., at["x"].([]float64), at["b"].([]float64), at["g"].([]float64)
		for i, w := range at["W"].([][]float64) {
			total += g[i] * (dot(w, x) + b[i]) / norm(w)
		}
		return total
	}
	const h = 1.0 / (1 << 18)
	move(at, h)
	up := value()
	move(at, -2*h)
	down := value()
	move(at, h)
	return (up - down) / (2 * h)
}

// because is how an evaluation that failed is told.
func because(err error) string {
	if err == nil {
		return ""
	}
	return " (" + err.Error() + ")"
}

// near compares a formula with a difference quotient.
func near(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*(1+max(math.Abs(a), math.Abs(b)))
}
