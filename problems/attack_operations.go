package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/attack"
)

type attackIn struct {
	G        []float64 `json:"g"`
	X        []float64 `json:"x"`
	Norm     string    `json:"norm"`
	P        *float64  `json:"p"`
	Eps      float64   `json:"eps"`
	Lo       *float64  `json:"lo" infinite:"yes"`
	Hi       *float64  `json:"hi" infinite:"yes"`
	Targeted bool      `json:"targeted"`
}

type attackOut struct {
	XAdv   []float64 `json:"x_adv"`
	Delta  []float64 `json:"delta"`
	Value  float64   `json:"value"`
	Unique bool      `json:"unique"`
}

func attackLinear() Operation {
	return operation(definition[attackIn, attackOut]{
		name:   "linear_attack",
		method: "Lagrange duality, which bounds what any perturbation can reach",
		solve: func(in attackIn) (out attackOut, err error) {
			ball, err := ballOf(in.Norm, in.P, in.Eps)
			if err := first(err, sameLength("x", in.X, "g", in.G)); err != nil {
				return out, err
			}
			out.XAdv = make([]float64, len(in.X))
			minimise := attack.Minimise[float64]
			if in.Targeted {
				minimise = attack.Maximise[float64]
			}
			if out.Value, err = minimise(out.XAdv, in.X, in.G, ball, boxOf(in.Lo, in.Hi)); err != nil {
				return out, err
			}
			out.Delta = difference(out.XAdv, in.X)
			out.Unique = uniqueAttack(in, out.Delta)
			return out, nil
		},
		draw: func(rng *rand.Rand) (in attackIn) {
			n := 1 + rng.IntN(5)
			in.G = normal(rng, n)
			in.X, in.Lo, in.Hi = drawPoint(rng, n)
			in.Norm, in.P, _ = drawBall(rng, 4)
			in.Eps, in.Targeted = between(rng, 0.01, 1.5), rng.IntN(2) == 0
			if rng.IntN(4) == 0 {
				in.G[0] = 0
			}
			return in
		},
		check: func(c *Comparison, in attackIn, out attackOut) {
			if len(out.XAdv) != len(in.X) || len(out.Delta) != len(in.X) {
				c.demand("x_adv", false)
				return
			}
			g, sign := slices.Clone(in.G), 1.0
			if in.Targeted {
				sign = -1
				for i := range g {
					g[i] = -g[i]
				}
			}
			p, box := exponentOf(in.Norm, in.P), boxOf(in.Lo, in.Hi)
			c.near("value", sign*out.Value, leastValue(g, in.X, p, in.Eps, box), 1e-8)
			c.near("delta", dot(in.G, out.Delta), out.Value, 1e-12)
			c.atMost("delta", lengthP(out.Delta, p), in.Eps, 1e-12)
			for i, x := range out.XAdv {
				c.near("x_adv", x, in.X[i]+out.Delta[i], 1e-14)
				c.demand("x_adv", box.Lo <= x && x <= box.Hi)
				c.demand("delta", in.G[i] != 0 || out.Delta[i] == 0)
			}
		},
	})
}

// uniqueAttack reports whether no other perturbation is as good: elements that
// cost nothing must not have anything left to move with, and equal elements
// must not be able to stand in for each other in L1.
func uniqueAttack(in attackIn, delta []float64) bool {
	if in.Eps == 0 {
		return true
	}
	box := boxOf(in.Lo, in.Hi)
	slack := in.Norm == "linf" || lengthP(delta, exponentOf(in.Norm, in.P)) < in.Eps*(1-1e-12)
	for i, g := range in.G {
		if g == 0 && slack && box.Lo < box.Hi {
			return false
		}
		for j := range i {
			if in.Norm == "l1" && !slack && g != 0 && math.Abs(g) == math.Abs(in.G[j]) && (delta[i] == 0) != (delta[j] == 0) {
				return false
			}
		}
	}
	return true
}

func difference(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}

type projectIn struct {
	V    []float64 `json:"v"`
	X    []float64 `json:"x"`
	Norm string    `json:"norm"`
	P    *float64  `json:"p"`
	Eps  float64   `json:"eps"`
	Lo   *float64  `json:"lo" infinite:"yes"`
	Hi   *float64  `json:"hi" infinite:"yes"`
}

type projectOut struct {
	Delta []float64 `json:"delta"`
	XProj []float64 `json:"x_proj"`
}

func attackProject() Operation {
	return operation(definition[projectIn, projectOut]{
		name:   "project",
		method: "the obtuse angle to every other point, by duality",
		solve: func(in projectIn) (out projectOut, err error) {
			ball, err := ballOf(in.Norm, in.P, in.Eps)
			if err := first(err, sameLength("x", in.X, "v", in.V)); err != nil {
				return out, err
			}
			out.XProj = make([]float64, len(in.X))
			if err := attack.Project(out.XProj, in.V, in.X, ball, boxOf(in.Lo, in.Hi)); err != nil {
				return out, err
			}
			out.Delta = difference(out.XProj, in.X)
			return out, nil
		},
		draw: func(rng *rand.Rand) (in projectIn) {
			n := 1 + rng.IntN(5)
			in.V = normal(rng, n)
			in.X, in.Lo, in.Hi = drawPoint(rng, n)
			in.Norm, in.P, _ = drawBall(rng, 3)
			in.Eps = between(rng, 0.05, 2)
			return in
		},
		check: func(c *Comparison, in projectIn, out projectOut) {
			if len(out.XProj) != len(in.X) || len(out.Delta) != len(in.X) {
				c.demand("x_proj", false)
				return
			}
			p, box := exponentOf(in.Norm, in.P), boxOf(in.Lo, in.Hi)
			c.atMost("delta", lengthP(out.Delta, p), in.Eps, 1e-12)
			for i, x := range out.XProj {
				c.near("x_proj", x, in.X[i]+out.Delta[i], 1e-14)
				c.demand("x_proj", box.Lo <= x && x <= box.Hi)
			}
			// δ is nearest to v if and only if ⟨δ − v, ·⟩ is least at δ.
			apart := difference(out.Delta, in.V)
			c.near("delta", dot(apart, out.Delta), leastValue(apart, in.X, p, in.Eps, box), 1e-8)
		},
	})
}
