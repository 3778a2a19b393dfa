package problems

import (
	"fmt"
	"math"
	"math/rand/v2"
)

func mirrorClaims() []Claim {
	logit := func(t float64) float64 { return math.Log(t) - math.Log1p(-t) }
	// numbers are those of one coordinate's step, and its minimiser by
	// bisection of the objective's slope, which is by differences of D.
	type numbers struct{ x0, g, eps, x float64 }
	drawn := func(rng *rand.Rand, size int) numbers {
		at := drawMirror(rng, size)
		n := numbers{x0: at["x0"].(float64), g: at["g"].(float64), eps: at["eps"].(float64)}
		n.x = rootOf(func(x float64) float64 { return n.g + (math.Log(x/n.x0)-math.Log((1-x)/(1-n.x0)))/n.eps })
		return n
	}
	objective := func(n numbers, x float64) float64 { return n.g*(x-n.x0) + bernoulli(x, n.x0)/n.eps }
	// holds makes a claim of a residual that should vanish at the minimiser.
	holds := func(residual func(numbers) float64) func(*rand.Rand, int) (bool, string) {
		return func(rng *rand.Rand, size int) (bool, string) {
			n := drawn(rng, size)
			if n.x < 1e-9 || n.x > 1-1e-9 {
				return true, "" // bisection does not resolve it
			}
			r := residual(n)
			return math.Abs(r) < 1e-5*(1+math.Abs(n.eps*n.g)+math.Abs(logit(n.x))),
				fmt.Sprintf("x0 = %v, g = %v, ε = %v, minimiser %.6g: the line's right side is %.6g, not 0", n.x0, n.g, n.eps, n.x, r)
		}
	}
	return []Claim{
		{
			Line: "the first line", Says: "the minimisation falls apart into one for each coordinate", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				a, b := drawn(rng, size), drawn(rng, size)
				b.eps = a.eps
				move := rng.Float64()*0.9 + 0.05
				b.x = move
				joint := func(x, z float64) float64 {
					return a.g*(x-a.x0) + b.g*(z-b.x0) + (bernoulli(x, a.x0)+bernoulli(z, b.x0))/a.eps
				}
				return agree(joint(a.x, b.x), objective(a, a.x)+objective(b, b.x)), fmt.Sprint(a, b)
			},
		},
		{
			Line: "the first displayed derivative", Says: "0 = g + (log(x/x0) − log((1 − x)/(1 − x0)))/ε at the minimiser", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				n := drawn(rng, size)
				other := rng.Float64()*0.98 + 0.01
				return objective(n, n.x) <= objective(n, other)+1e-9, fmt.Sprintf("%+v: lower at %v", n, other)
			},
		},
		{
			Line: "the second displayed line", Says: "0 = −ε·g + logit(x) − logit(x0)", Right: false,
			Instead: "0 = +ε·g + logit(x) − logit(x0): the line before it, multiplied by ε",
			Try:     holds(func(n numbers) float64 { return -n.eps*n.g + logit(n.x) - logit(n.x0) }),
		},
		{
			Line: "the third displayed line", Says: "logit(x) = logit(x0) − ε·g", Right: true,
			Try: holds(func(n numbers) float64 { return logit(n.x) - logit(n.x0) + n.eps*n.g }),
		},
		{
			Line: "the result", Says: "x = sigmoid(logit(x0) − ε·g), inside (0, 1)", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				n := drawn(rng, size)
				x := 1 / (1 + math.Exp(n.eps*n.g-logit(n.x0)))
				return x > 0 && x < 1 && math.Abs(x-n.x) < 1e-6, fmt.Sprintf("x0 = %v, g = %v, ε = %v: %v, bisection gives %v", n.x0, n.g, n.eps, x, n.x)
			},
		},
		{
			Line: "the remark", Says: "keeping the logits as state gives the same iterates, with one g for all steps", Right: false,
			Instead: "with the gradient taken anew at each iterate, g^t = ∇f(x^t)",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				n := drawn(rng, size)
				target := 0.5 // f(x) = (x − 1/2)²/2
				fixed, fresh := logit(n.x0), logit(n.x0)
				g := n.x0 - target
				for range 2 {
					fixed -= n.eps * g
					fresh -= n.eps * (1/(1+math.Exp(-fresh)) - target)
				}
				return agree(fixed, fresh), fmt.Sprintf("f = (x − 1/2)²/2, x0 = %v, ε = %v: after two steps the logit is %.6g with one g, %.6g with g at each iterate", n.x0, n.eps, fixed, fresh)
			},
		},
		{
			Line: "the remark, its point", Says: "sigmoid(y) of the carried logit is the same as taking the logit of x anew", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				n := drawn(rng, size)
				y := logit(n.x0) - n.eps*n.g
				x := 1 / (1 + math.Exp(-y))
				if x < 1e-6 || x > 1-1e-6 {
					return true, "" // rounding of x to an edge is what carrying y avoids
				}
				return near(logit(x), y, 1e-8), fmt.Sprintf("y = %v, logit(sigmoid(y)) = %v", y, logit(x))
			},
		},
	}
}
