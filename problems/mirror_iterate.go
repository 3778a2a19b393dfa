package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/prox"
)

type iterateIn struct {
	Q     [][]float64 `json:"Q"`
	C     []float64   `json:"c"`
	X0    []float64   `json:"x0"`
	Eps   float64     `json:"eps"`
	Steps int         `json:"steps"`
}

type iterateUnitOut struct {
	X     [][]float64 `json:"x"`
	Logit [][]float64 `json:"logit"`
	F     []float64   `json:"f"`
}

// iterate takes mirror steps on the quadratic of in, and remembers each state.
func (in iterateIn) iterate(geometry prox.Mirror[float64]) (out iterateUnitOut, err error) {
	loss := quadratic{in.Q, in.C}
	if err := first(loss.fits("x0", in.X0), wantSteps("steps", in.Steps, len(in.X0)), prox.CheckStep(in.Eps)); err != nil {
		return out, err
	}
	y, err := dualOf(geometry, in.X0)
	if err != nil {
		return out, err
	}
	x := in.X0
	for step := 0; ; step++ {
		out.X, out.Logit, out.F = append(out.X, x), append(out.Logit, slices.Clone(y)), append(out.F, loss.value(x))
		if step == in.Steps {
			return out, nil
		}
		if x, err = mirrorStep(geometry, y, loss.gradient(x), in.Eps); err != nil {
			return out, err
		}
	}
}

func mirrorIterateUnit() Operation {
	return operation(definition[iterateIn, iterateUnitOut]{
		name:   "iterate_unit",
		method: "the odds, multiplied",
		solve:  func(in iterateIn) (iterateUnitOut, error) { return in.iterate(prox.Bernoulli[float64]{}) },
		draw: func(rng *rand.Rand) iterateIn {
			n := 1 + rng.IntN(3)
			return iterateIn{Q: definite(rng, n), C: normal(rng, n), X0: uniform(rng, n, 0.05, 0.95), Eps: between(rng, 0.05, 1), Steps: 1 + rng.IntN(5)}
		},
		check: func(c *Comparison, in iterateIn, out iterateUnitOut) {
			loss := quadratic{in.Q, in.C}
			x := slices.Clone(in.X0)
			var xs, logits [][]float64
			var f []float64
			for range in.Steps + 1 {
				logit := make([]float64, len(x))
				for i := range x {
					logit[i] = math.Log(x[i] / (1 - x[i]))
				}
				xs, logits, f = append(xs, slices.Clone(x)), append(logits, logit), append(f, loss.value(x))
				for i, g := range loss.gradient(x) {
					odds := x[i] / (1 - x[i]) * math.Exp(-in.Eps*g)
					x[i] = odds / (1 + odds)
				}
			}
			c.matrix("x", out.X, xs, 1e-11)
			c.matrix("logit", out.Logit, logits, 1e-10)
			c.vector("f", out.F, f, 1e-10)
		},
	})
}

type iterateGradientsIn struct {
	X0        []float64   `json:"x0"`
	Gradients [][]float64 `json:"gradients"`
	Eps       float64     `json:"eps"`
}

type iterateGradientsOut struct {
	X     [][]float64 `json:"x"`
	Logit [][]float64 `json:"logit"`
}

func mirrorIterateGradients() Operation {
	return operation(definition[iterateGradientsIn, iterateGradientsOut]{
		name:   "iterate_gradients",
		method: "one step along the sum of the gradients",
		solve: func(in iterateGradientsIn) (out iterateGradientsOut, err error) {
			unit := prox.Bernoulli[float64]{}
			y, err := dualOf(unit, in.X0)
			if err := first(err, prox.CheckStep(in.Eps)); err != nil {
				return out, err
			}
			for _, g := range in.Gradients {
				if err := sameLength("x0", in.X0, "a row of gradients", g); err != nil {
					return out, err
				}
				x, err := mirrorStep(unit, y, g, in.Eps)
				if err != nil {
					return out, err
				}
				out.X, out.Logit = append(out.X, x), append(out.Logit, slices.Clone(y))
			}
			return out, nil
		},
		draw: func(rng *rand.Rand) iterateGradientsIn {
			n := 1 + rng.IntN(3)
			return iterateGradientsIn{X0: uniform(rng, n, 0.05, 0.95), Gradients: normals(rng, 1+rng.IntN(5), n), Eps: between(rng, 0.05, 1)}
		},
		check: func(c *Comparison, in iterateGradientsIn, out iterateGradientsOut) {
			sum := make([]float64, len(in.X0))
			var xs, logits [][]float64
			for _, g := range in.Gradients {
				x, logit := make([]float64, len(sum)), make([]float64, len(sum))
				for i := range sum {
					sum[i] += g[i]
					odds := in.X0[i] / (1 - in.X0[i]) * math.Exp(-in.Eps*sum[i])
					x[i], logit[i] = odds/(1+odds), math.Log(odds)
				}
				xs, logits = append(xs, x), append(logits, logit)
			}
			c.matrix("x", out.X, xs, 1e-11)
			c.matrix("logit", out.Logit, logits, 1e-11)
		},
	})
}

type iterateSimplexOut struct {
	X [][]float64 `json:"x"`
}

func mirrorIterateSimplex() Operation {
	return operation(definition[iterateIn, iterateSimplexOut]{
		name:   "iterate_simplex",
		method: "the weights, multiplied and normalised",
		solve: func(in iterateIn) (iterateSimplexOut, error) {
			out, err := in.iterate(prox.Simplex[float64]{})
			return iterateSimplexOut{out.X}, err
		},
		draw: func(rng *rand.Rand) iterateIn {
			n := 2 + rng.IntN(3)
			return iterateIn{Q: definite(rng, n), C: normal(rng, n), X0: distribution(rng, n), Eps: between(rng, 0.05, 1), Steps: 1 + rng.IntN(5)}
		},
		check: func(c *Comparison, in iterateIn, out iterateSimplexOut) {
			loss := quadratic{in.Q, in.C}
			x := slices.Clone(in.X0)
			xs := [][]float64{slices.Clone(x)}
			for range in.Steps {
				sum := 0.0
				for i, g := range loss.gradient(x) {
					x[i] *= math.Exp(-in.Eps * g)
					sum += x[i]
				}
				for i := range x {
					x[i] /= sum
				}
				xs = append(xs, slices.Clone(x))
			}
			c.matrix("x", out.X, xs, 1e-11)
		},
	})
}
