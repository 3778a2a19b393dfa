package problems

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/prox"
)

type stepSimplexOut struct {
	X     []float64 `json:"x"`
	Value float64   `json:"value"`
}

func mirrorStepSimplex() Operation {
	return operation(definition[stepIn, stepSimplexOut]{
		name:   "step_simplex",
		method: "the condition of Lagrange; the value by its definition",
		solve: func(in stepIn) (out stepSimplexOut, err error) {
			simplex := prox.Simplex[float64]{}
			if err := sameLength("x0", in.X0, "g", in.G); err != nil {
				return out, err
			}
			y, err := dualOf(simplex, in.X0)
			if err != nil {
				return out, err
			}
			if out.X, err = mirrorStep(simplex, y, in.G, in.Eps); err != nil {
				return out, err
			}
			out.Value = simplex.Objective(in.G, in.X0, in.Eps)
			return out, nil
		},
		draw: func(rng *rand.Rand) stepIn {
			n := 2 + rng.IntN(4)
			in := stepIn{X0: distribution(rng, n), G: normal(rng, n), Eps: between(rng, 0.05, 2)}
			if rng.IntN(4) == 0 {
				in.X0[0], in.X0[1] = 0, in.X0[0]+in.X0[1]
			}
			return in
		},
		check: func(c *Comparison, in stepIn, out stepSimplexOut) {
			if len(out.X) != len(in.X0) {
				c.demand("x", false)
				return
			}
			sum, value := 0.0, 0.0
			var slopes []float64
			for i, x := range out.X {
				sum += x
				value += in.G[i] * (x - in.X0[i])
				if in.X0[i] == 0 {
					c.demand("x", x == 0)
					continue
				}
				value += x * math.Log(x/in.X0[i]) / in.Eps
				slopes = append(slopes, in.Eps*in.G[i]+math.Log(x/in.X0[i]))
			}
			for _, s := range slopes {
				c.near("x", s, slopes[0], 1e-10)
			}
			c.near("x", sum, 1, 1e-12)
			c.near("value", out.Value, value, 1e-10)
		},
	})
}

func mirrorStepOrthant() Operation {
	return operation(definition[stepIn, stepOut]{
		name:   "step_orthant",
		method: "the slope of the objective at the minimiser",
		solve: func(in stepIn) (out stepOut, err error) {
			if err := sameLength("x0", in.X0, "g", in.G); err != nil {
				return out, err
			}
			y, err := dualOf(prox.Orthant[float64]{}, in.X0)
			if err != nil {
				return out, err
			}
			out.X, err = mirrorStep(prox.Orthant[float64]{}, y, in.G, in.Eps)
			return out, err
		},
		draw: func(rng *rand.Rand) stepIn {
			n := 1 + rng.IntN(4)
			return stepIn{X0: uniform(rng, n, 0.05, 3), G: normal(rng, n), Eps: between(rng, 0.05, 2)}
		},
		check: func(c *Comparison, in stepIn, out stepOut) {
			if len(out.X) != len(in.X0) {
				c.demand("x", false)
				return
			}
			for i, x := range out.X {
				c.near("x", math.Log(x/in.X0[i]), -in.Eps*in.G[i], 1e-12)
			}
		},
	})
}
