package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/attack"
)

// attackNorms asks for the minimisers in balls of other norms.
func attackNorms() []Question {
	exponent := append(attackVariables(), Variable{"p", "the exponent of the norm, 1 < p < ∞", 0})
	draw := func(rng *rand.Rand, size int) Instance {
		at := drawAttack(rng, size)
		at["p"] = []float64{1.5, 2, 3, 4}[rng.IntN(4)]
		return at
	}
	ball := func(at Instance) attack.Ball { return attack.Lp(at.number("p"), at.number("eps")) }
	return []Question{
		{
			Name:   "l1",
			Prompt: "Minimise Σ g[i]·(x̃[i] − x[i]) where all moves together are at most eps, Σ |x̃[i] − x[i]| ≤ eps. What is x̃[i]? Of equally good elements move the first.",
			Hints: []string{
				"Every bit of eps is best spent where |g| is largest.",
				"One element moves, all the way.",
				"i moves if no |g[j]| is larger, and none before it is equal.",
			},
			Variables: attackVariables(), Draw: drawAttack,
			Exact: func(at Instance) float64 {
				adv, _ := attacked(at, attack.L1(at.number("eps")), attack.Everywhere())
				return adv[index(at, "i")]
			},
			Answers: []string{
				"x[i] - eps*sign(g[i])*when(sum(j, 1, n, when(abs(g[j]) > abs(g[i]) or abs(g[j]) == abs(g[i]) and j < i)) == 0)",
				"sum(j, 1, n, when(abs(g[j]) > abs(g[i]))) + sum(j, 1, i-1, when(abs(g[j]) == abs(g[i]))) > 0 ? x[i] : x[i] - eps*sign(g[i])",
			},
			Mistakes: []Mistake{
				{"x[i] - eps*sign(g[i])", "together these moves are n times too long"},
				{"x[i] - eps*sign(g[i])/n", "equal shares: the part spent on smaller |g| is worth less"},
				{"x[i] - eps*g[i]/sum(j, 1, n, abs(g[j]))", "shares in proportion to |g|: the part spent on smaller |g| is worth less"},
				{"x[i] - eps*sign(g[i])*when(sum(j, 1, n, when(abs(g[j]) > abs(g[i]))) == 0)", "where several |g| are largest, only one may move by all of eps"},
				{"x[i] - eps*g[i]/norm(g)", "that is the solution in the Euclidean ball"},
			},
		},
		{
			Name:   "lp",
			Prompt: "Minimise Σ g[i]·(x̃[i] − x[i]) over Σ |x̃[i] − x[i]|^p ≤ eps^p, 1 < p < ∞. What is x̃[i]?",
			Hints: []string{
				"Hölder's inequality, with 1/p + 1/q = 1.",
				"Equality holds where |x̃ − x|^p is in proportion to |g|^q.",
				"q = p/(p − 1). For p = 2 it must be −eps·g/‖g‖.",
			},
			Variables: exponent, Draw: draw,
			Exact: func(at Instance) float64 {
				adv, _ := attacked(at, ball(at), attack.Everywhere())
				return adv[index(at, "i")]
			},
			Answers: []string{
				"x[i] - eps*sign(g[i])*(abs(g[i])^(p/(p-1))/sum(j, 1, n, abs(g[j])^(p/(p-1))))^(1/p)",
				"x[i] - eps*sign(g[i])*abs(g[i])^(1/(p-1))/sum(j, 1, n, abs(g[j])^(p/(p-1)))^(1/p)",
				"g[i] == 0 ? x[i] : x[i] - eps*sign(g[i])/sum(j, 1, n, abs(g[j]/g[i])^(p/(p-1)))^(1/p)",
			},
			Mistakes: []Mistake{
				{"x[i] - eps*sign(g[i])*abs(g[i])^(p-1)/sum(j, 1, n, abs(g[j])^p)^((p-1)/p)", "p and q are exchanged"},
				{"x[i] - eps*sign(g[i])*abs(g[i])^(1/(p-1))", "the step does not have the length eps"},
				{"x[i] - eps*g[i]/norm(g)", "that is the solution for p = 2"},
				{"x[i] - eps*g[i]/sum(j, 1, n, abs(g[j])^p)^(1/p)", "the length is right, the direction is not: it is that of g for p = 2 only"},
				{"x[i] - eps*sign(g[i])", "that is the solution for p = ∞"},
			},
		},
		{
			Name:      "dual",
			Prompt:    "What is the least value of Σ g[i]·(x̃[i] − x[i]) over Σ |x̃[i] − x[i]|^p ≤ eps^p?",
			Hints:     []string{"Hölder's inequality gives a bound, and it is reached.", "It is −eps times the norm of g with the exponent q, 1/p + 1/q = 1."},
			Variables: exponent, Draw: draw,
			Exact: func(at Instance) float64 { _, value := attacked(at, ball(at), attack.Everywhere()); return value },
			Answers: []string{
				"-eps*sum(j, 1, n, abs(g[j])^(p/(p-1)))^((p-1)/p)",
				"-eps*sum(j, 1, n, abs(g[j])^(1/(1-1/p)))^(1-1/p)",
				"-eps*sum(j, 1, n, abs(g[j])*abs(g[j])^(1/(p-1)))/sum(j, 1, n, abs(g[j])^(p/(p-1)))^(1/p)",
			},
			Mistakes: []Mistake{
				{"-eps*sum(j, 1, n, abs(g[j])^p)^(1/p)", "the norm of g is the dual one, with q = p/(p − 1)"},
				{"-eps*norm(g)", "that is the value for p = 2"},
				{"-eps*sum(j, 1, n, abs(g[j]))", "that is the value for p = ∞"},
				{"eps*sum(j, 1, n, abs(g[j])^(p/(p-1)))^((p-1)/p)", "the sign: the log-probability falls"},
			},
		},
		{
			Name:      "targeted",
			Prompt:    "The attacker wants class t: let g be the gradient of its log-probability instead. With |x̃[i] − x[i]| ≤ eps, what is x̃[i]? Leave x[i] where g[i] = 0.",
			Hints:     []string{"Now the linearisation is to be as large as possible.", "Minimise it for −g."},
			Variables: attackVariables(), Draw: drawAttack,
			Exact: func(at Instance) float64 {
				adv := make([]float64, len(at.vector("x")))
				if _, err := attack.Maximise(adv, at.vector("x"), at.vector("g"), attack.LInf(at.number("eps")), attack.Everywhere()); err != nil {
					return math.NaN()
				}
				return adv[index(at, "i")]
			},
			Answers: []string{"x[i] + eps*sign(g[i])", "x[i] - eps*sign(-g[i])", "x[i] + eps*(when(g[i] > 0) - when(g[i] < 0))"},
			Mistakes: []Mistake{
				{"x[i] - eps*sign(g[i])", "the sign: this makes class t less probable"},
				{"eps*sign(g[i])", "that is the perturbation: x[i] is missing"},
				{"x[i] + eps*g[i]", "a gradient step: it stops inside the box, or leaves it"},
			},
		},
	}
}
