package problems

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/prox"
)

func emaClaims() []Claim {
	return []Claim{
		{
			Line: "(8)", Says: "the average (1−q)·s + q·g has the expectation of the gradient when gradients share one", Right: false,
			Instead: "that needs a start at that expectation, or a division by 1 − (1−q)^t: from 0 the average of t gradients is too small by this factor",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				q, mean := float64(1+rng.IntN(7))/8, nicePositive(rng, size)
				steps, s := 1+rng.IntN(size+2), 0.
				for range steps {
					s = (1-q)*s + q*mean
				}
				return agree(s, mean), fmt.Sprintf("every gradient is %v, q = %v: after %d steps from 0 the average is %v", mean, q, steps, s)
			},
		},
		{
			Line: "(9)", Says: "θ − ε(s + λθ) is the gradient step of L + λ/2·θ²", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawStep(rng, size)
				theta, s, eps, lambda := at["theta"].(float64), at["s"].(float64), at["eps"].(float64), at["lambda"].(float64)
				f := func(x float64) float64 { return s*x + lambda/2*x*x }
				slope := (f(theta+0.5) - f(theta-0.5)) // exact for a parabola
				got := theta - eps*(s+lambda*theta)
				return agree(got, theta-eps*slope), fmt.Sprintf("%s: %v, the slope gives %v", show(at, emaVariables()), got, theta-eps*slope)
			},
		},
		{
			Line: "(11), (12)", Says: "the proximal step is (θ − ε′s)/(1 + ε′λ)", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawStep(rng, size)
				theta, s, eps, lambda := at["theta"].(float64), at["s"].(float64), at["eps"].(float64), at["lambda"].(float64)
				objective := func(x float64) float64 { return s*(x-theta) + lambda/2*x*x + (x-theta)*(x-theta)/(2*eps) }
				x := (theta - eps*s) / (1 + eps*lambda)
				near := x + nice(rng, size)
				return objective(x) <= objective(near)+1e-12, fmt.Sprintf("%s: the objective is %v there and %v at %v", show(at, emaVariables()), objective(x), objective(near), near)
			},
		},
		{
			Line: "the remark", Says: "with ε′ = ε/(1 − λε) the proximal step of size ε′ equals the gradient step of size ε, for every ε > 0", Right: false,
			Instead: "for λε < 1; at λε ≥ 1 there is no positive ε′, and no proximal step",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				eps, lambda := nicePositive(rng, size), nicePositive(rng, size)
				back, err := prox.ProximalStep(eps, lambda)
				return err == nil && back > 0, fmt.Sprintf("ε = %v, λ = %v: λε = %v, and %v", eps, lambda, lambda*eps, err)
			},
		},
		{
			Line: "the remark, for λε < 1", Says: "with ε′ = ε/(1 − λε) the proximal step of size ε′ equals the gradient step of size ε", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawStep(rng, size)
				theta, s, eps, lambda := at["theta"].(float64), at["s"].(float64), at["eps"].(float64), at["lambda"].(float64)
				if lambda*eps > 0.999 {
					return true, ""
				}
				e := eps / (1 - lambda*eps)
				proximal, explicit := (theta-e*s)/(1+e*lambda), theta-eps*(s+lambda*theta)
				return agree(proximal, explicit), fmt.Sprintf("%s: %v and %v", show(at, emaVariables()), proximal, explicit)
			},
		},
	}
}
