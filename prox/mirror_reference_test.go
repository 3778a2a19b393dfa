package prox_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/prox"
)

// mirrorStep takes a mirror step and returns the new point and dual state.
func mirrorStep(g prox.Mirror[float64], y, d []float64, eps float64) (x []float64, err error) {
	if err := prox.CheckStep(eps); err != nil {
		return nil, err
	}
	solver, err := g.Solver(prox.None[float64]{})
	if err != nil {
		return nil, err
	}
	x = make([]float64, len(y))
	solver.Step(prox.Point[float64]{X: x, Piece: len(x), Direction: d, Times: 1, Dual: y}, eps)
	return x, nil
}

func dualOf(g prox.Mirror[float64], x []float64) ([]float64, error) {
	y := make([]float64, len(x))
	return y, g.ToDual(y, x)
}

// gradient returns Qx − c and x'Qx/2 − c'x.
func gradient(q [][]float64, c, x []float64) (g []float64, f float64) {
	g = make([]float64, len(x))
	for i, row := range q {
		qx := 0.0
		for j, w := range row {
			qx += w * x[j]
		}
		g[i] = qx - c[i]
		f += x[i]*qx/2 - c[i]*x[i]
	}
	return g, f
}

func TestMirrorReference(t *testing.T) {
	unit := prox.Bernoulli[float64]{}
	runReference(t, "testdata/mirror_descent.json", func(op string, inputs func(any)) (map[string]any, error) {
		var in struct {
			X0, X, G, C, Lo, Hi []float64
			Q, Gradients        [][]float64
			Eps                 float64
			Entropy             string
			Steps               int
		}
		inputs(&in)
		switch op {
		case "step_unit":
			from, err := dualOf(unit, in.X0)
			if err != nil {
				return nil, err
			}
			y := slices.Clone(from)
			x, err := mirrorStep(unit, y, in.G, in.Eps)
			if err != nil {
				return nil, err
			}
			rest := make([]float64, len(y))
			unit.Complement(rest, y)
			return map[string]any{
				"x": x, "one_minus_x": rest, "logit": y,
				"value": unit.Objective(in.G, y, from, in.Eps), "divergence": unit.DualDivergence(y, from),
			}, nil
		case "divergence_unit":
			return map[string]any{"divergence": unit.Divergence(in.X, in.X0)}, nil
		case "step_box":
			x := make([]float64, len(in.X0))
			for i := range x {
				box := prox.EntropyBox[float64]{Lo: in.Lo[i], Hi: in.Hi[i], Rescaled: in.Entropy == "rescaled"}
				y, err := dualOf(box, in.X0[i:i+1])
				if err != nil {
					return nil, err
				}
				one, err := mirrorStep(box, y, in.G[i:i+1], in.Eps)
				if err != nil {
					return nil, err
				}
				x[i] = one[0]
			}
			return map[string]any{"x": x}, nil
		case "step_simplex", "step_orthant":
			geometry := prox.Mirror[float64](prox.Simplex[float64]{})
			if op == "step_orthant" {
				geometry = prox.Orthant[float64]{}
			}
			y, err := dualOf(geometry, in.X0)
			if err != nil {
				return nil, err
			}
			x, err := mirrorStep(geometry, y, in.G, in.Eps)
			return map[string]any{"x": x, "value": prox.Simplex[float64]{}.Objective(in.G, in.X0, in.Eps)}, err
		case "iterate_unit", "iterate_simplex":
			geometry := prox.Mirror[float64](unit)
			if op == "iterate_simplex" {
				geometry = prox.Simplex[float64]{}
			}
			y, err := dualOf(geometry, in.X0)
			if err != nil {
				return nil, err
			}
			x := in.X0
			var xs, ys [][]float64
			var fs []float64
			for step := 0; ; step++ {
				g, f := gradient(in.Q, in.C, x)
				xs, ys, fs = append(xs, x), append(ys, slices.Clone(y)), append(fs, f)
				if step == in.Steps {
					return map[string]any{"x": xs, "logit": ys, "f": fs}, nil
				}
				if x, err = mirrorStep(geometry, y, g, in.Eps); err != nil {
					return nil, err
				}
			}
		case "iterate_gradients":
			y, err := dualOf(unit, in.X0)
			if err != nil {
				return nil, err
			}
			var xs, ys [][]float64
			for _, g := range in.Gradients {
				x, err := mirrorStep(unit, y, g, in.Eps)
				if err != nil {
					return nil, err
				}
				xs, ys = append(xs, x), append(ys, slices.Clone(y))
			}
			return map[string]any{"x": xs, "logit": ys}, nil
		}
		return nil, fmt.Errorf("unknown operation %q", op)
	})
}
