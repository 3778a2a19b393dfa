package problems

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/kmeans"
	"github.com/gradus-ml/gradus/tensor"
)

func kmeansClaims() []Claim {
	squared := func(x, y []float64) float64 { d := difference(x, y); return dot(d, d) }
	// run moves a center from 0 along examples with the rates alpha(t), t from 0.
	run := func(steps int, x func(t int) float64, alpha func(t int) float64) float64 {
		y := 0.
		for t := range steps {
			y += alpha(t) * (x(t) - y)
		}
		return y
	}
	return []Claim{
		{
			Line: "the gradient", Says: "it is 2(y_k − x) for the nearest center and 0 for the others, where no two centers are nearest", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				n := 1 + rng.IntN(3)
				x, centers := niceVector(rng, size, n), [][]float64{niceVector(rng, size, n), niceVector(rng, size, n)}
				first, second := squared(x, centers[0]), squared(x, centers[1])
				if math.Abs(first-second) < 1e-3 {
					return true, "" // a tie, where f has a kink
				}
				winner := 0
				if second < first {
					winner = 1
				}
				f := func() float64 { return min(squared(x, centers[0]), squared(x, centers[1])) }
				for k, y := range centers {
					for j, right := range gradientOf(f, y) {
						said := 0.
						if k == winner {
							said = 2 * (y[j] - x[j])
						}
						if !near(said, right, 1e-5) {
							return false, fmt.Sprintf("x = %v, centers %v: ∂f/∂y_%d%d is %v, not %v", x, centers, k+1, j+1, right, said)
						}
					}
				}
				return true, ""
			},
		},
		{
			Line: "the gradient, everywhere", Says: "the gradient exists for all centers", Right: false,
			Instead: "not where two centers are nearest and differ: f has a kink there, and either center gives a subgradient",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				x, d := nice(rng, size), nicePositive(rng, size)
				f := func(y float64) float64 { return min((x-y)*(x-y), d*d) } // the other center is at distance d
				const h = 1e-6
				left, right := (f(x+d)-f(x+d-h))/h, (f(x+d+h)-f(x+d))/h
				return near(left, right, 1e-3), fmt.Sprintf("x = %v, centers at %v and %v: the slope in the first is %.4g from the left, %.4g from the right", x, x+d, x-d, left, right)
			},
		},
		{
			Line: "step (2)", Says: "the update with rate α is the gradient step of size α", Right: false,
			Instead: "of size α/2: the gradient has a factor 2",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := drawUpdate(rng, size)
				x, y, alpha := at["x"].([]float64), at["y"].([]float64), at["alpha"].(float64)
				moved, g := learned(x, append([]float64(nil), y...), alpha), centerGradient(x, y)
				return agree(moved[0], y[0]-alpha*g[0]), fmt.Sprintf("x = %v, y = %v, α = %v: the update gives %v, the gradient step %v", x, y, alpha, moved[0], y[0]-alpha*g[0])
			},
		},
		{
			Line: "the rate", Says: "any decreasing rate lets the center reach the examples", Right: false,
			Instead: "the rates must also have an infinite sum (and their squares a finite one): with 1/(t+2)² the center stalls halfway",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				x, power := nicePositive(rng, size), 1+float64(rng.IntN(3))
				y := run(100_000, func(int) float64 { return x }, func(t int) float64 { return math.Pow(float64(t+2), -power) })
				return near(y, x, 1e-3), fmt.Sprintf("every example is %v, the rate is 1/(t+2)^%v: after 100,000 steps from 0 the center is at %.4g", x, power, y)
			},
		},
		{
			Line: "the last line of a)", Says: "with a constant rate the center does not converge, whatever the examples", Right: false,
			Instead: "not where they vary: if all examples of a cell are equal the center converges to them",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				x, alpha := nicePositive(rng, size), float64(1+rng.IntN(7))/8
				swing := 0.
				if rng.IntN(2) == 0 {
					swing = nicePositive(rng, size)
				}
				at := func(t int) float64 { return x + swing*float64(t%2) }
				y, later := run(2000, at, func(int) float64 { return alpha }), run(2001, at, func(int) float64 { return alpha })
				return !near(y, later, 1e-9), fmt.Sprintf("every example is %v, α = %v: the center is at %v and stays", x, alpha, y)
			},
		},
		{
			Line: "the last line of a), where examples vary", Says: "with a constant rate it keeps oscillating", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				alpha, swing := float64(1+rng.IntN(7))/8, nicePositive(rng, size)
				at := func(t int) float64 { return swing * float64(t%2) }
				y, later := run(2000, at, func(int) float64 { return alpha }), run(2001, at, func(int) float64 { return alpha })
				return !near(y, later, 1e-9), fmt.Sprintf("α = %v, swing %v: %v and %v", alpha, swing, y, later)
			},
		},
		{
			Line: "b), the epoch", Says: "an online epoch evaluates m·K distances of n coordinates, O(nmK)", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := kmeansQuestions()[5].Draw(rng, size)
				return float64(onlineCost(at).Plain) == at["m"].(float64)*at["K"].(float64), fmt.Sprint(at)
			},
		},
		{
			Line: "b), the comparison", Says: "one assignment of Lloyd's evaluates as many: the orders are equal", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				at := kmeansQuestions()[5].Draw(rng, size)
				m, k, n := int(at["m"].(float64)), int(at["K"].(float64)), int(at["n"].(float64))
				points, centers := tensor.New[float64](m, n), tensor.New[float64](k, n)
				tensor.Normal(points, rng, 0, 1)
				tensor.Normal(centers, rng, 0, 1)
				a, err := kmeans.Assign(context.Background(), points, centers)
				return err == nil && a.Cost.Plain == onlineCost(at).Plain, fmt.Sprint(at)
			},
		},
	}
}
