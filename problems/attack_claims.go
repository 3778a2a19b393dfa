package problems

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/attack"
)

func attackClaims() []Claim {
	// best returns the least ⟨g, δ⟩ over the corners of the box.
	best := func(g []float64, eps float64) float64 {
		least := math.Inf(1)
		signs(len(g), func(s []float64) { least = min(least, eps*dot(g, s)) })
		return least
	}
	signed := func(at Instance) []float64 {
		step := make([]float64, len(at["g"].([]float64)))
		for i, g := range at["g"].([]float64) {
			if g != 0 {
				step[i] = -math.Copysign(at["eps"].(float64), g)
			}
		}
		return step
	}
	return []Claim{
		{
			Line: "(13)", Says: "near x the error of the linearisation vanishes faster than the distance", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				w, c, label := drawSoftmaxLinear(rng)
				model, x := softmaxLinear{w, c}, niceVector(rng, size, len(w[0]))
				g, way := model.plainGradient(x, label), niceVector(rng, size, len(x))
				miss := func(t float64) float64 {
					there := slices.Clone(x)
					for i := range there {
						there[i] += t * way[i]
					}
					return math.Abs(model.plainLogProb(there, label) - model.plainLogProb(x, label) - t*dot(g, way))
				}
				far, near := miss(1e-2), miss(1e-3)
				return near <= far/20+1e-9, fmt.Sprintf("W = %v, c = %v, x = %v: errors %v and %v", w, c, x, far, near)
			},
		},
		{
			Line: "(15)", Says: "with a strict inequality the minimum is reached", Right: false,
			Instead: "with ≤: every point inside is beaten by one further out, unless g = 0",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawAttack(rng, size)
				step := signed(at)
				share := 1 - 1/float64(int(2)<<rng.IntN(8)) // as near to the border as you like
				value, further := share*dot(at["g"].([]float64), step), (1+share)/2*dot(at["g"].([]float64), step)
				return value <= further, fmt.Sprintf("%s: a step of %v·ε gives %.6g, one of %v·ε is allowed too and gives %.6g", show(at, attackVariables()[:3]), share, value, (1+share)/2, further)
			},
		},
		{
			Line: "the last line, its argument", Says: "the task falls apart into one for each element", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawAttack(rng, size)
				_, value := attacked(at, attack.LInf(at["eps"].(float64)), attack.Everywhere())
				right := best(at["g"].([]float64), at["eps"].(float64))
				return agree(value, right), fmt.Sprintf("%s: %v and %v", show(at, attackVariables()[:3]), value, right)
			},
		},
		{
			Line: "the last line, as printed", Says: "x̃ = −ε·sign(g) lies within ε of x", Right: false,
			Instead: "x̃ − x = −ε·sign(g): the line gives the perturbation",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawAttack(rng, size)
				for i, said := range signed(at) {
					if apart := math.Abs(said - at["x"].([]float64)[i]); apart > at["eps"].(float64)+1e-12 {
						return false, fmt.Sprintf("%s: x̃_%d = %v is %v away from x_%d", show(at, attackVariables()[:3]), i+1, said, apart, i+1)
					}
				}
				return true, ""
			},
		},
		{
			Line: "the last line, with x", Says: "x̃ = x − ε·sign(g) minimises the linearisation in the closed box", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawAttack(rng, size)
				g := at["g"].([]float64)
				value, right := dot(g, signed(at)), best(g, at["eps"].(float64))
				return agree(value, right), fmt.Sprintf("%s: %v, a corner has %v", show(at, attackVariables()[:3]), value, right)
			},
		},
		{
			Line: "the last line, its star", Says: "the solution is the only one", Right: false,
			Instead: "unless some g_i = 0: then x̃_i may be anything in its interval",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawAttack(rng, size)
				g := at["g"].([]float64)
				step := signed(at)
				value := dot(g, step)
				for i := range step {
					other := slices.Clone(step)
					other[i] = at["eps"].(float64) / 2
					if agree(dot(g, other), value) {
						return false, fmt.Sprintf("%s: δ = %v and δ = %v both have the value %v", show(at, attackVariables()[:3]), step, other, value)
					}
				}
				return true, ""
			},
		},
		{
			Line: "the last line, for pictures", Says: "from pixels in [0, 1] the solution has pixels in [0, 1]", Right: false,
			Instead: "clip it, which is exact for this box",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawAttack(rng, size)
				for i, d := range signed(at) {
					if v := at["x"].([]float64)[i] + d; v < 0 || v > 1 {
						return false, fmt.Sprintf("%s: x̃_%d = %v", show(at, attackVariables()[:3]), i+1, v)
					}
				}
				return true, ""
			},
		},
	}
}
