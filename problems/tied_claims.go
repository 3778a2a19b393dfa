package problems

import (
	"fmt"
	"math/rand/v2"
)

func tiedClaims() []Claim {
	// compare makes a claim of a formula for one of the layer's gradients.
	compare := func(formula func(Instance) (float64, bool), exact func(Instance) float64) func(*rand.Rand, int) (bool, string) {
		return func(rng *rand.Rand, size int) (bool, string) {
			at := drawTied(rng, size)
			said, defined := formula(at)
			right := exact(at)
			what := fmt.Sprintf("N = %v, j = %v, a = %v, x = %v, g = %v: ", at["N"], at["j"], at["a"], at["x"], at["g"])
			if !defined {
				return false, fmt.Sprintf("%sthe line asks for an element of g that does not exist; right is %v", what, right)
			}
			return agree(said, right), fmt.Sprintf("%sthe line gives %v, right is %v", what, said, right)
		}
	}
	// cases is a case distinction for dx_j with the bounds of the middle case;
	// ok is false where it asks for a g outside 1 … N − 2.
	cases := func(at Instance, from, to int) (value float64, ok bool) {
		a, g, j, n := at["a"].(float64), at["g"].([]float64), int(at["j"].(float64)), int(at["N"].(float64))
		var wanted []int
		switch {
		case j >= from && j <= to:
			wanted = []int{j, j - 2}
		case j < from:
			wanted = []int{j}
		default:
			wanted = []int{j - 2}
		}
		for _, i := range wanted {
			if i < 1 || i > n-2 {
				return 0, false
			}
			value += a * g[i-1]
		}
		return value, true
	}
	dx := func(at Instance) float64 { return filterGradients(at).DX[0][int(at["j"].(float64))-1] }
	return []Claim{
		{
			Line: "(4)", Says: "dL/db is the sum of all g_i", Right: true,
			Try: compare(func(at Instance) (float64, bool) { g := at["g"].([]float64); return dot(g, ones(len(g))), true },
				func(at Instance) float64 { return filterGradients(at).DB }),
		},
		{
			Line: "(5)", Says: "dL/da is the sum of g_i(x_i + x_{i+2})", Right: true,
			Try: compare(func(at Instance) (float64, bool) {
				x, g := at["x"].([]float64), at["g"].([]float64)
				return dot(g, x[:len(g)]) + dot(g, x[2:]), true
			}, func(at Instance) float64 { return filterGradients(at).DW[0] }),
		},
		{
			Line: "(6), its sum", Says: "dL/dx_j is a times the sum over i of g_i([j = i] + [j = i + 2])", Right: true,
			Try: compare(func(at Instance) (float64, bool) {
				sum, j := 0., int(at["j"].(float64))
				for i, g := range at["g"].([]float64) {
					if i+1 == j || i+3 == j {
						sum += g
					}
				}
				return at["a"].(float64) * sum, true
			}, dx),
		},
		{
			Line: "(6), second case", Says: "both terms are there for j = 2 … N − 2", Right: false,
			Instead: "for j = 3 … N − 2: at j = 2 the second term would be g_0",
			Try:     compare(func(at Instance) (float64, bool) { return cases(at, 2, int(at["N"].(float64))-2) }, dx),
		},
		{
			Line: "(6), third case", Says: "only a·g_{j−2} is there for j ≥ N − 2", Right: false,
			Instead: "for j ≥ N − 1: at j = N − 2 the term a·g_{N−2} is there too",
			Try: compare(func(at Instance) (float64, bool) {
				if n := int(at["N"].(float64)); n >= 5 && int(at["j"].(float64)) == n-2 {
					return cases(at, 3, n-3)
				}
				return dx(at), true // another case's
			}, dx),
		},
		{
			Line: "(6), for every N", Says: "one of the three cases gives dL/dx_j, whatever N ≥ 3", Right: false,
			Instead: "for N ≥ 4; for N = 3 the input in the middle is in no output and its gradient is 0",
			Try:     compare(func(at Instance) (float64, bool) { return cases(at, 3, int(at["N"].(float64))-2) }, dx),
		},
		{
			Line: "(6), corrected, for N ≥ 4", Says: "a·g_j for j ≤ 2, a(g_j + g_{j−2}) for j = 3 … N − 2, a·g_{j−2} for j ≥ N − 1", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawTied(rng, size+1)
				if at["N"].(float64) < 4 {
					return true, ""
				}
				said, ok := cases(at, 3, int(at["N"].(float64))-2)
				return ok && agree(said, dx(at)), show(at, tiedQuestions()[2].Variables)
			},
		},
	}
}
