package problems

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/moments"
)

// coin is a variable of two equally likely values, mean − std and mean + std.
type coin struct{ mean, std float64 }

func (c coin) String() string { return fmt.Sprintf("%v or %v", c.mean-c.std, c.mean+c.std) }

// toss returns the value for a sign.
func (c coin) toss(sign float64) float64 { return c.mean + c.std*sign }

func nodeClaims() []Claim {
	drawCoin := func(rng *rand.Rand, size int) coin { return coin{nice(rng, size), nicePositive(rng, size)} }
	return []Claim{
		{
			Line: "(1)", Says: "the mean of y is 0 for independent weights and inputs of mean 0", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				n, w, x := 1+rng.IntN(3), coin{0, nicePositive(rng, size)}, coin{0, nicePositive(rng, size)}
				mean, _ := momentsOf(func(add func(float64)) { tossed(n, w, x, add) })
				return near(mean, 0, 1e-9), fmt.Sprintf("n = %d, w_i is %v, x_i is %v: the mean is %v", n, w, x, mean)
			},
		},
		{
			Line: "before (2), products", Says: "V[XY] = V[X]·V[Y] for any independent X and Y", Right: false,
			Instead: "if both means are 0; in general V[X]·V[Y] + V[X]·E[Y]² + V[Y]·E[X]²",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				a, b := drawCoin(rng, size), drawCoin(rng, size)
				_, variance := momentsOf(func(add func(float64)) { tossed(1, a, b, add) })
				said := a.std * a.std * b.std * b.std
				return agree(variance, said), fmt.Sprintf("X is %v, Y is %v: V[X]·V[Y] = %v, V[XY] = %v", a, b, said, variance)
			},
		},
		{
			Line: "before (2), products of mean 0", Says: "V[XY] = V[X]·V[Y] for independent X and Y of mean 0", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				a, b := coin{0, nicePositive(rng, size)}, coin{0, nicePositive(rng, size)}
				_, variance := momentsOf(func(add func(float64)) { tossed(1, a, b, add) })
				return agree(variance, a.std*a.std*b.std*b.std), fmt.Sprintf("X is %v, Y is %v: %v", a, b, variance)
			},
		},
		{
			Line: "before (2), sums", Says: "V[X + Y] = V[X] + V[Y] for any independent X and Y", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				a, b := drawCoin(rng, size), drawCoin(rng, size)
				_, variance := momentsOf(func(add func(float64)) { signs(2, func(s []float64) { add(a.toss(s[0]) + b.toss(s[1])) }) })
				return agree(variance, a.std*a.std+b.std*b.std), fmt.Sprintf("X is %v, Y is %v: %v", a, b, variance)
			},
		},
		{
			Line: "(2)", Says: "V[y] = n·V[w]·V[x] for independent weights and inputs of mean 0", Right: true,
			Try: func(rng *rand.Rand, size int) (bool, string) {
				n, w, x := 1+rng.IntN(3), coin{0, nicePositive(rng, size)}, coin{0, nicePositive(rng, size)}
				_, variance := momentsOf(func(add func(float64)) { tossed(n, w, x, add) })
				return agree(variance, float64(n)*w.std*w.std*x.std*x.std), fmt.Sprintf("n = %d, w_i is %v, x_i is %v: %v", n, w, x, variance)
			},
		},
		{
			Line: "(2), what it uses", Says: "it is enough that each weight is independent of its input, all of mean 0", Right: false,
			Instead: "the products must be uncorrelated too, which joint independence gives",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				// One coin for all weights, one for all inputs.
				n, w, x := 1+rng.IntN(3), coin{0, nicePositive(rng, size)}, coin{0, nicePositive(rng, size)}
				_, variance := momentsOf(func(add func(float64)) {
					signs(2, func(s []float64) { add(float64(n) * w.toss(s[0]) * x.toss(s[1])) })
				})
				said := float64(n) * w.std * w.std * x.std * x.std
				return agree(variance, said), fmt.Sprintf("n = %d, all w_i are the same %v, all x_i the same %v: the line gives %v, right is %v", n, w, x, said, variance)
			},
		},
		{
			Line: "the statement, inputs of mean 0", Says: "outputs of a preceding layer have mean 0 if its sums have", Right: false,
			Instead: "not behind ReLU: take second moments in place of variances, for weights of mean 0",
			Try: func(rng *rand.Rand, size int) (bool, string) {
				name, _ := drawActivation(rng)
				if size < 3 {
					name = "relu"
				}
				f, err := moments.FunctionNamed(name, 0)
				if err != nil {
					return false, err.Error()
				}
				v := nicePositive(rng, size)
				m, err := moments.GaussianThrough(f, 0, v)
				if err != nil {
					return false, err.Error()
				}
				return math.Abs(m.Mean) < 1e-9, fmt.Sprintf("%s of a normal z of mean 0 and variance %v has mean %.6g", name, v, m.Mean)
			},
		},
	}
}

// tossed adds Σ w_i·x_i for all values of n independent weights and inputs.
func tossed(n int, w, x coin, add func(float64)) {
	signs(2*n, func(s []float64) {
		y := 0.
		for i := range n {
			y += w.toss(s[i]) * x.toss(s[n+i])
		}
		add(y)
	})
}
