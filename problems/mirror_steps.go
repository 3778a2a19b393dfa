package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/prox"
)

// dualOf returns the dual state of x.
func dualOf(g prox.Mirror[float64], x []float64) ([]float64, error) {
	y := make([]float64, len(x))
	return y, g.ToDual(y, x)
}

// mirrorStep moves the dual state y along d and returns the new point.
func mirrorStep(g prox.Mirror[float64], y, d []float64, eps float64) ([]float64, error) {
	if err := prox.CheckStep(eps); err != nil {
		return nil, err
	}
	solver, err := g.Solver(prox.None[float64]{})
	if err != nil {
		return nil, err
	}
	x := make([]float64, len(y))
	solver.Step(prox.Point[float64]{X: x, Piece: len(x), Direction: d, Times: 1, Dual: y}, eps)
	return x, nil
}

// rootOf returns the root in (0, 1) of an increasing function by bisection.
func rootOf(f func(float64) float64) float64 {
	lo, hi := 0.0, 1.0
	for range 60 {
		if mid := (lo + hi) / 2; f(mid) < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return (lo + hi) / 2
}

type stepIn struct {
	X0  []float64 `json:"x0"`
	G   []float64 `json:"g"`
	Eps float64   `json:"eps"`
}

type stepUnitOut struct {
	X          []float64 `json:"x"`
	Rest       []float64 `json:"one_minus_x"`
	Logit      []float64 `json:"logit"`
	Value      float64   `json:"value"`
	Divergence float64   `json:"divergence"`
}

// bernoulli returns the divergence of two probabilities by its definition.
func bernoulli(x, x0 float64) float64 {
	d := 0.0
	if x > 0 {
		d += x * math.Log(x/x0)
	}
	if x < 1 {
		d += (1 - x) * math.Log((1-x)/(1-x0))
	}
	return d
}

func mirrorStepUnit() Operation {
	return operation(definition[stepIn, stepUnitOut]{
		name:   "step_unit",
		method: "bisection of the objective's slope; the value by its definition",
		solve: func(in stepIn) (out stepUnitOut, err error) {
			unit := prox.Bernoulli[float64]{}
			if err := sameLength("x0", in.X0, "g", in.G); err != nil {
				return out, err
			}
			from, err := dualOf(unit, in.X0)
			if err != nil {
				return out, err
			}
			out.Logit = slices.Clone(from)
			if out.X, err = mirrorStep(unit, out.Logit, in.G, in.Eps); err != nil {
				return out, err
			}
			out.Rest = make([]float64, len(out.X))
			unit.Complement(out.Rest, out.Logit)
			out.Value = unit.Objective(in.G, out.Logit, from, in.Eps)
			out.Divergence = unit.DualDivergence(out.Logit, from)
			return out, nil
		},
		draw: func(rng *rand.Rand) stepIn {
			n := 1 + rng.IntN(4)
			in := stepIn{X0: uniform(rng, n, 0.02, 0.98), G: normal(rng, n), Eps: between(rng, 0.05, 2)}
			if rng.IntN(6) == 0 {
				in.X0[0] = float64(rng.IntN(2))
			}
			return in
		},
		check: func(c *Comparison, in stepIn, out stepUnitOut) {
			if len(out.X) != len(in.X0) || len(out.Logit) != len(in.X0) || len(out.Rest) != len(in.X0) {
				c.demand("x", false)
				return
			}
			value, divergence := 0.0, 0.0
			for i, x0 := range in.X0 {
				want := x0
				if x0 > 0 && x0 < 1 {
					want = rootOf(func(x float64) float64 {
						return in.G[i] + (math.Log(x/x0)-math.Log((1-x)/(1-x0)))/in.Eps
					})
				}
				d := bernoulli(want, x0)
				value, divergence = value+in.G[i]*(want-x0)+d/in.Eps, divergence+d
				c.near("x", out.X[i], want, 1e-12)
				c.near("one_minus_x", out.Rest[i], 1-want, 1e-12)
				c.near("logit", out.Logit[i], math.Log(want/(1-want)), 1e-10)
			}
			c.near("value", out.Value, value, 1e-10)
			c.near("divergence", out.Divergence, divergence, 1e-10)
		},
	})
}

type divergenceIn struct {
	X  []float64 `json:"x"`
	X0 []float64 `json:"x0"`
}

type divergenceOut struct {
	Divergence float64 `json:"divergence"`
}

func mirrorDivergence() Operation {
	return operation(definition[divergenceIn, divergenceOut]{
		name:   "divergence_unit",
		method: "sums over the definition",
		solve: func(in divergenceIn) (out divergenceOut, err error) {
			unit := prox.Bernoulli[float64]{}
			if err := sameLength("x", in.X, "x0", in.X0); err != nil {
				return out, err
			}
			for _, x := range [][]float64{in.X, in.X0} {
				if _, err := dualOf(unit, x); err != nil {
					return out, err
				}
			}
			out.Divergence = unit.Divergence(in.X, in.X0)
			return out, nil
		},
		draw: func(rng *rand.Rand) divergenceIn {
			n := 1 + rng.IntN(4)
			in := divergenceIn{X: uniform(rng, n, 0, 1), X0: uniform(rng, n, 0.01, 0.99)}
			if rng.IntN(4) == 0 {
				in.X[0] = float64(rng.IntN(2))
			}
			return in
		},
		check: func(c *Comparison, in divergenceIn, out divergenceOut) {
			want := 0.0
			for i, x := range in.X {
				want += bernoulli(x, in.X0[i])
			}
			c.near("divergence", out.Divergence, want, 1e-12)
		},
	})
}

type stepBoxIn struct {
	X0      []float64 `json:"x0"`
	G       []float64 `json:"g"`
	Eps     float64   `json:"eps"`
	Lo      []float64 `json:"lo"`
	Hi      []float64 `json:"hi"`
	Entropy string    `json:"entropy"`
}

type stepOut struct {
	X []float64 `json:"x"`
}

func mirrorStepBox() Operation {
	return operation(definition[stepBoxIn, stepOut]{
		name:   "step_box",
		method: "bisection of the objective's slope",
		solve: func(in stepBoxIn) (out stepOut, err error) {
			if err := first(sameLength("x0", in.X0, "g", in.G), sameLength("x0", in.X0, "lo", in.Lo), sameLength("x0", in.X0, "hi", in.Hi), prox.CheckStep(in.Eps)); err != nil {
				return out, err
			}
			if in.Entropy != "box" && in.Entropy != "rescaled" {
				return out, invalid("entropy is %q: want box or rescaled", in.Entropy)
			}
			out.X = make([]float64, 0, len(in.X0))
			for i := range in.X0 {
				box := prox.EntropyBox[float64]{Lo: in.Lo[i], Hi: in.Hi[i], Rescaled: in.Entropy == "rescaled"}
				y, err := dualOf(box, in.X0[i:i+1])
				if err != nil {
					return out, err
				}
				x, err := mirrorStep(box, y, in.G[i:i+1], in.Eps)
				if err != nil {
					return out, err
				}
				out.X = append(out.X, x[0])
			}
			return out, nil
		},
		draw: func(rng *rand.Rand) stepBoxIn {
			n := 1 + rng.IntN(3)
			in := stepBoxIn{X0: make([]float64, n), G: normal(rng, n), Eps: between(rng, 0.05, 2), Lo: uniform(rng, n, -2, 0), Hi: uniform(rng, n, 0.5, 2), Entropy: []string{"box", "rescaled"}[rng.IntN(2)]}
			for i := range in.X0 {
				in.X0[i] = in.Lo[i] + between(rng, 0.05, 0.95)*(in.Hi[i]-in.Lo[i])
			}
			return in
		},
		check: func(c *Comparison, in stepBoxIn, out stepOut) {
			want := make([]float64, len(in.X0))
			for i, x0 := range in.X0 {
				width := in.Hi[i] - in.Lo[i]
				per := 1.0
				if in.Entropy == "rescaled" {
					per = width
				}
				want[i] = in.Lo[i] + width*rootOf(func(s float64) float64 {
					x := in.Lo[i] + width*s
					return in.G[i] + (math.Log((x-in.Lo[i])/(x0-in.Lo[i]))-math.Log((in.Hi[i]-x)/(in.Hi[i]-x0)))/(in.Eps*per)
				})
			}
			c.vector("x", out.X, want, 1e-11)
		},
	})
}
