package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/prox"
)

// drawLength draws ‖a‖ with a step size and a weight.
func drawLength(rng *rand.Rand, size int) Instance {
	at := Instance{"A": math.Abs(nice(rng, size)), "eps": float64(1+rng.IntN(4)) / 4, "lambda": nicePositive(rng, size), "c": nicePositive(rng, size)}
	if size > 10 {
		at["eps"] = 0.05 + rng.Float64()
	}
	return at
}

// lengthVariables are the variables that formulas for the length l may use.
func lengthVariables(more ...Variable) []Variable {
	return append([]Variable{{"A", "‖a‖, the length of a = θ − ε·g", 0}, {"eps", "the step size ε", 0}, {"lambda", "the weight λ > 0", 0}}, more...)
}

// length is the length that package prox finds for an instance.
func length(at Instance, rho prox.Radial) float64 {
	l, _, err := prox.Certify(rho, at.number("A"), at.number("eps"))
	if err != nil {
		return math.NaN()
	}
	return l
}

func normProxQuestions() []Question {
	return append(normProxForms(), normProxLengths()...)
}

// normProxForms are the questions that hold for every ρ.
func normProxForms() []Question {
	objective := "Minimise ⟨g, θ′ − θ⟩ + ρ(‖θ′‖) + ‖θ′ − θ‖²/(2ε) over θ′, with a = θ − ε·g. "
	return []Question{
		{
			Name:   "equation",
			Prompt: objective + "The minimiser has the length l > 0, and ρ has the slope r = ρ′(l) there. What is ‖a‖?",
			Hints: []string{
				"Set the gradient to zero: the gradient of ρ(‖θ′‖) is ρ′(l)·θ′/l.",
				"θ′·(1 + ε·ρ′(l)/l) = a.",
				"Take norms; the bracket is positive at a minimiser, even where ρ′ is not.",
			},
			Variables: []Variable{{"l", "the length of the minimiser", 0}, {"r", "ρ′(l), of either sign", 0}, {"eps", "the step size ε", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				rho, a, eps := drawSmooth(rng, size), 0.5+nicePositive(rng, size), float64(1+rng.IntN(4))/8
				l, _, err := prox.Certify(rho, a, eps)
				if err != nil || l == 0 {
					rho = smooth{prox.Quadratic{Lambda: 1}, ""}
					l = rho.Length(a, eps)
				}
				return Instance{"l": l, "r": rho.Slope(l), "eps": eps, "A": a}
			},
			Exact:   func(at Instance) float64 { return at.number("A") }, // package prox found l from it
			Answers: []string{"l + eps*r", "l*(1 + eps*r/l)", "eps*(l/eps + r)"},
			Mistakes: []Mistake{
				{"l + eps*abs(r)", "no absolute value: where ρ decreases the slope pushes outwards, and l exceeds ‖a‖"},
				{"l - eps*r", "the sign: a penalty that grows makes the minimiser shorter than a"},
				{"l + r", "the step size is missing"},
				{"l*(1 + eps*r)", "the gradient of ‖θ‖ is θ/‖θ‖, of length 1"},
			},
		},
		{
			Name:   "direction",
			Prompt: objective + "The minimiser has the length l, and a is not 0. What is its component j?",
			Hints: []string{
				"Of all vectors of one length, which has the largest inner product with a?",
				"It has the direction of a.",
			},
			Variables: []Variable{{"a", "θ − ε·g, N numbers", 1}, {"l", "the length of the minimiser", 0}, {"N", "the dimension", 0}, {"j", "the component asked for", 0}},
			Draw: func(rng *rand.Rand, size int) Instance {
				n := 1 + rng.IntN(min(size, 4))
				a := niceVector(rng, size, n)
				a[0] += math.Copysign(1, a[0])
				lambda := norm(a) * float64(1+rng.IntN(4)) / 4 // all of ‖a‖ at times
				return Instance{"a": a, "l": prox.Linear{Lambda: lambda}.Length(norm(a), 1), "lambda": lambda, "N": float64(n), "j": float64(1 + rng.IntN(n))}
			},
			Exact: func(at Instance) float64 {
				z := make([]float64, len(at.vector("a")))
				prox.Norm[float64]{Rho: prox.Linear{Lambda: at.number("lambda")}}.Prox(z, at.vector("a"), 1)
				return z[index(at, "j")]
			},
			Answers: []string{"l*a[j]/norm(a)", "a[j]/sqrt(sum(i, 1, N, a[i]^2))*l", "a[j] - (norm(a) - l)*a[j]/norm(a)"},
			Mistakes: []Mistake{
				{"l*a[j]", "a has its own length: divide by it"},
				{"a[j]/norm(a)", "that has length 1, not l"},
				{"-l*a[j]/norm(a)", "the opposite direction is a critical point at best, never the minimiser"},
				{"sign(a[j])*l", "the direction of a, not of its signs"},
				{"a[j]*l/norm(a)^2", "divided by the norm twice"},
			},
		},
		{
			Name:   "jacobian",
			Prompt: "Let T(a) be the minimiser, l = ‖T(a)‖ > 0, and c = ρ″(l). What is ∂T_i/∂a_j?",
			Hints: []string{
				"T = l·u with u = a/‖a‖. Across u, only the direction turns; along u, only the length changes.",
				"Differentiate l + ε·ρ′(l) = ‖a‖: dl/d‖a‖ = 1/(1 + ε·c).",
				"(l/‖a‖)·(I − uuᵀ) + uuᵀ/(1 + ε·c).",
			},
			Variables: []Variable{
				{"a", "θ − ε·g", 1}, {"l", "the length of the minimiser", 0}, {"c", "ρ″(l)", 0}, {"eps", "the step size ε", 0}, {"i", "the row asked for", 0}, {"j", "the column asked for", 0},
			},
			Draw: func(rng *rand.Rand, size int) Instance {
				n := 1 + rng.IntN(min(size, 3))
				a := niceVector(rng, size, n)
				a[0] += math.Copysign(2, a[0])
				p := prox.LinearQuadratic{Lambda1: float64(rng.IntN(3)) / 2, Lambda2: nicePositive(rng, size)}
				eps := float64(1+rng.IntN(4)) / 4
				return Instance{
					"a": a, "l": p.Length(norm(a), eps), "c": p.Lambda2, "lambda1": p.Lambda1, "eps": eps,
					"i": float64(1 + rng.IntN(n)), "j": float64(1 + rng.IntN(n)),
				}
			},
			Exact: func(at Instance) float64 {
				n := len(at.vector("a"))
				jacobian := make([]float64, n*n)
				if prox.RadialJacobian(jacobian, at.vector("a"), prox.LinearQuadratic{Lambda1: at.number("lambda1"), Lambda2: at.number("c")}, at.number("eps")) != nil {
					return math.NaN()
				}
				return jacobian[index(at, "i")*n+index(at, "j")]
			},
			Answers: []string{
				"l/norm(a)*(when(i == j) - a[i]*a[j]/norm(a)^2) + a[i]*a[j]/norm(a)^2/(1 + eps*c)",
				"when(i == j)*l/norm(a) + (1/(1 + eps*c) - l/norm(a))*a[i]*a[j]/dot(a, a)",
			},
			Mistakes: []Mistake{
				{"when(i == j)*l/norm(a)", "the scale l/‖a‖ itself depends on a"},
				{"l/norm(a)*(when(i == j) - a[i]*a[j]/norm(a)^2)", "the length changes too, along a"},
				{"when(i == j)/(1 + eps*c)", "that is the change of the length, and holds along a only"},
				{"l/norm(a)*(when(i == j) - a[i]*a[j]/norm(a)^2) + a[i]*a[j]/norm(a)^2", "the length does not change as fast as ‖a‖: 1/(1 + ε·c)"},
			},
		},
		{
			Name:   "step",
			Prompt: "ρ(r) = λ·r, on vectors of N elements. What is element j of the minimiser of ⟨g, θ′ − θ⟩ + λ·‖θ′‖ + ‖θ′ − θ‖²/(2ε)?",
			Hints: []string{
				"First a = θ − ε·g, then its length, then the new length.",
				"l = max(0, ‖a‖ − ε·λ).",
			},
			Variables: []Variable{
				{"theta", "the parameters, N numbers", 1}, {"g", "the gradient, N numbers", 1}, {"eps", "the step size ε", 0}, {"lambda", "the weight λ > 0", 0}, {"N", "the dimension", 0}, {"j", "the element asked for", 0},
			},
			Draw: func(rng *rand.Rand, size int) Instance {
				at := drawLength(rng, size)
				n := 1 + rng.IntN(min(size, 4))
				at["theta"], at["g"], at["N"], at["j"] = niceVector(rng, size, n), niceVector(rng, size, n), float64(n), float64(1+rng.IntN(n))
				if rng.IntN(8) == 0 {
					at["theta"] = make([]float64, n)
				}
				return at
			},
			Exact: func(at Instance) float64 {
				a := make([]float64, len(at.vector("theta")))
				for i, t := range at.vector("theta") {
					a[i] = t - at.number("eps")*at.vector("g")[i]
				}
				prox.Norm[float64]{Rho: prox.Linear{Lambda: at.number("lambda")}}.Prox(a, a, at.number("eps"))
				return a[index(at, "j")]
			},
			Answers: []string{
				"max(0, 1 - eps*lambda/sqrt(sum(i, 1, N, (theta[i] - eps*g[i])^2)))*(theta[j] - eps*g[j])",
				"sum(i, 1, N, (theta[i] - eps*g[i])^2) <= (eps*lambda)^2 ? 0 : (theta[j] - eps*g[j]) - eps*lambda*(theta[j] - eps*g[j])/sqrt(sum(i, 1, N, (theta[i] - eps*g[i])^2))",
			},
			Mistakes: []Mistake{
				{"sign(theta[j] - eps*g[j])*max(0, abs(theta[j] - eps*g[j]) - eps*lambda)", "that is for the sum of absolute values: here all elements share one length"},
				{"sum(i, 1, N, (theta[i] - eps*g[i])^2) == 0 ? 0 : (1 - eps*lambda/sqrt(sum(i, 1, N, (theta[i] - eps*g[i])^2)))*(theta[j] - eps*g[j])", "where ‖a‖ < ε·λ there is no positive root: the minimiser is 0, not turned round"},
				{"(theta[j] - eps*g[j])/(1 + eps*lambda)", "that is for ρ(r) = λ/2·r²"},
				{"theta[j] - eps*g[j]", "that is a itself, without the penalty"},
			},
		},
	}
}
