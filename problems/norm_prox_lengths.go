package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/prox"
)

// normProxLengths asks for the length l under penalties with a closed form.
func normProxLengths() []Question {
	ask := func(rho string) string {
		return "ρ(r) = " + rho + ", r ≥ 0. What is the length l of the minimiser, given A = ‖a‖?"
	}
	scale := Variable{"c", "the penalty's own constant c > 0", 0}
	return []Question{
		{
			Name: "linear", Prompt: ask("λ·r"),
			Hints:     []string{"ρ′ = λ: the equation is l + ε·λ = A.", "It has a positive root only where A > ε·λ. And elsewhere?"},
			Variables: lengthVariables(), Draw: drawLength,
			Exact:   func(at Instance) float64 { return length(at, prox.Linear{Lambda: at.number("lambda")}) },
			Answers: []string{"max(0, A - eps*lambda)", "A <= eps*lambda ? 0 : A - eps*lambda", "(A - eps*lambda + abs(A - eps*lambda))/2"},
			Mistakes: []Mistake{
				{"A - eps*lambda", "a length is not negative: for A ≤ ε·λ the minimiser is 0"},
				{"abs(A - eps*lambda)", "no absolute value: for A ≤ ε·λ the minimiser is 0"},
				{"max(0, A - lambda)", "the step size multiplies λ"},
				{"A/(1 + eps*lambda)", "that is for ρ(r) = λ/2·r²"},
			},
		},
		{
			Name: "quadratic", Prompt: ask("λ/2·r²"),
			Hints:     []string{"ρ′(l) = λ·l.", "l + ε·λ·l = A."},
			Variables: lengthVariables(), Draw: drawLength,
			Exact:   func(at Instance) float64 { return length(at, prox.Quadratic{Lambda: at.number("lambda")}) },
			Answers: []string{"A/(1 + eps*lambda)", "(A/eps)/(1/eps + lambda)", "A - A*eps*lambda/(1 + eps*lambda)"},
			Mistakes: []Mistake{
				{"A*(1 - eps*lambda)", "that is the gradient step of the penalty at a"},
				{"A/(1 + 2*eps*lambda)", "the derivative of λ/2·r² is λ·r"},
				{"A/(1 + lambda)", "the step size is missing"},
				{"max(0, A - eps*lambda)", "that is for ρ(r) = λ·r"},
			},
		},
		{
			Name: "elastic", Prompt: ask("λ·r + c/2·r²"),
			Hints:     []string{"l + ε·(λ + c·l) = A.", "Where A ≤ ε·ρ′(0) = ε·λ the minimiser is 0."},
			Variables: lengthVariables(scale), Draw: drawLength,
			Exact: func(at Instance) float64 {
				return length(at, prox.LinearQuadratic{Lambda1: at.number("lambda"), Lambda2: at.number("c")})
			},
			Answers: []string{"max(0, A - eps*lambda)/(1 + eps*c)", "A <= eps*lambda ? 0 : (A - eps*lambda)/(1 + eps*c)", "max(0, A/(1 + eps*c) - eps*lambda/(1 + eps*c))"},
			Mistakes: []Mistake{
				{"(A - eps*lambda)/(1 + eps*c)", "for A ≤ ε·λ the minimiser is 0"},
				{"max(0, A/(1 + eps*c) - eps*lambda)", "the linear part is shrunk as well"},
				{"max(0, A - eps*(lambda + c))", "the slope of the quadratic part grows with l"},
			},
		},
		{
			Name: "huber", Prompt: ask("λ·r²/2 up to r = c, and λ·c·(r − c/2) from there"),
			Hints: []string{
				"Suppose l ≤ c, solve, and see for which A this holds; then suppose l > c.",
				"ρ′(l) = λ·min(l, c).",
				"The border is at A = c·(1 + ε·λ).",
			},
			Variables: lengthVariables(scale), Draw: drawLength,
			Exact: func(at Instance) float64 {
				return length(at, prox.Huber{Lambda: at.number("lambda"), Delta: at.number("c")})
			},
			Answers: []string{"A <= c*(1 + eps*lambda) ? A/(1 + eps*lambda) : A - eps*lambda*c", "max(A/(1 + eps*lambda), A - eps*lambda*c)", "A - eps*lambda*min(c, A/(1 + eps*lambda))"},
			Mistakes: []Mistake{
				{"A <= c ? A/(1 + eps*lambda) : A - eps*lambda*c", "the border is where l = c, not where A = c"},
				{"A/(1 + eps*lambda)", "from l = c on the slope no longer grows"},
				{"min(A/(1 + eps*lambda), A - eps*lambda*c)", "the two cases are exchanged"},
			},
		},
		{
			Name: "cubic", Prompt: ask("λ·r³"),
			Hints:     []string{"l + 3·ε·λ·l² = A.", "Of the two roots of the parabola one is negative."},
			Variables: lengthVariables(), Draw: drawLength,
			Exact:   func(at Instance) float64 { return length(at, prox.Power{Lambda: at.number("lambda"), P: 3}) },
			Answers: []string{"2*A/(1 + sqrt(1 + 12*eps*lambda*A))", "(sqrt(1 + 12*eps*lambda*A) - 1)/(6*eps*lambda)"},
			Mistakes: []Mistake{
				{"(-sqrt(1 + 12*eps*lambda*A) - 1)/(6*eps*lambda)", "the negative root is no length"},
				{"(sqrt(1 + 4*eps*lambda*A) - 1)/(2*eps*lambda)", "the derivative of r³ is 3·r²"},
				{"A/(1 + 3*eps*lambda*A)", "the slope is taken at A instead of at l"},
			},
		},
		{
			Name: "ball", Prompt: ask("0 up to r = c and +∞ beyond"),
			Hints:     []string{"The minimiser is the nearest point of a ball.", "ρ needs no derivative for that: minimise (l − A)² over l ≤ c."},
			Variables: []Variable{lengthVariables()[0], scale}, Draw: drawLength,
			Exact:   func(at Instance) float64 { return length(at, prox.Ball{Radius: at.number("c")}) },
			Answers: []string{"min(A, c)", "A <= c ? A : c", "A - max(0, A - c)"},
			Mistakes: []Mistake{
				{"c", "inside the ball nothing is to be done"},
				{"max(A, c)", "the nearest point of the ball is meant: the ball is where r ≤ c"},
				{"A <= c ? A : 0", "the nearest point of the ball is on its border"},
			},
		},
		{
			Name: "shifted", Prompt: ask("λ/2·(r − c)²"),
			Hints:     []string{"l + ε·λ·(l − c) = A.", "Try A = 0: a whole sphere of minimisers."},
			Variables: lengthVariables(scale), Draw: drawLength,
			Exact: func(at Instance) float64 {
				return length(at, prox.ShiftedQuadratic{Lambda: at.number("lambda"), Centre: at.number("c")})
			},
			Answers: []string{"(A + eps*lambda*c)/(1 + eps*lambda)", "c + (A - c)/(1 + eps*lambda)", "(A/eps + lambda*c)/(1/eps + lambda)"},
			Mistakes: []Mistake{
				{"(A - eps*lambda*c)/(1 + eps*lambda)", "the sign: the penalty draws the length towards c"},
				{"A/(1 + eps*lambda)", "the centre c is lost"},
				{"A - eps*lambda*(A - c)", "that is the gradient step of the penalty at a"},
				{"A < c ? (A - eps*lambda*c)/(1 - eps*lambda) : (A + eps*lambda*c)/(1 + eps*lambda)", "no absolute value of the slope: below c it is negative, and the length grows"},
			},
		},
		{
			Name:   "jump",
			Prompt: "ρ(r) = λ·√r. Up to which ‖a‖ is 0 the minimiser?",
			Hints: []string{
				"A positive root of l + ε·λ/(2√l) = A is not enough: compare the objective with its value at 0.",
				"λ·√l + (l − A)²/(2ε) = A²/(2ε) and l + ε·λ/(2√l) = A are two equations for l and A.",
				"They give A = 3/2·l with l = (ε·λ)^(2/3).",
			},
			Variables: lengthVariables()[1:],
			Draw:      drawLength,
			Exact: func(at Instance) float64 {
				rho, eps := prox.Power{Lambda: at.number("lambda"), P: 0.5}, at.number("eps")
				lo, hi := 0., 1+4*eps*at.number("lambda")
				for range 60 {
					if mid := (lo + hi) / 2; rho.Length(mid, eps) == 0 {
						lo = mid
					} else {
						hi = mid
					}
				}
				return lo
			},
			Answers: []string{"1.5*(eps*lambda)^(2/3)", "3/2*exp(2/3*log(eps*lambda))", "3*(eps*lambda/4)^(2/3)*4^(2/3)/2"},
			Mistakes: []Mistake{
				{"3*(eps*lambda/4)^(2/3)", "there a positive root appears, but the objective is still lower at 0"},
				{"(eps*lambda)^(2/3)", "that is the length just after the jump"},
				{"0", "the slope of √r is infinite at 0: short vectors become 0"},
				{"eps*lambda", "that is for ρ(r) = λ·r"},
			},
		},
	}
}

// smooth is a penalty with its formula.
type smooth struct {
	prox.Smooth
	formula string
}

// drawSmooth draws a penalty with a derivative for r > 0; some decrease.
func drawSmooth(rng *rand.Rand, size int) smooth {
	lambda, c := nicePositive(rng, size), nicePositive(rng, size)
	switch rng.IntN(5) {
	case 0:
		return smooth{prox.Linear{Lambda: lambda}, short(lambda) + "·r"}
	case 1:
		return smooth{prox.Quadratic{Lambda: lambda}, short(lambda) + "/2·r²"}
	case 2:
		return smooth{prox.Power{Lambda: lambda, P: 3}, short(lambda) + "·r³"}
	case 3:
		return smooth{prox.ShiftedQuadratic{Lambda: lambda, Centre: c}, short(lambda) + "/2·(r − " + short(c) + ")²"}
	}
	c = math.Max(c, 0.5)
	return smooth{prox.ExpDecay{Lambda: lambda, Scale: c}, short(lambda) + "·exp(−r/" + short(c) + ")"}
}
