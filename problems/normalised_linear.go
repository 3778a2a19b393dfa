package problems

import (
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/nn"
)

func normalisedLinear() Problem {
	return describeProblem(Problem{
		Number:     9,
		Slug:       "normalised-linear",
		Operations: []Operation{normalisedPullback(), normalisedForward(), normalisedWeightNorm()},
		Claims:     normalisedClaims(),
		Questions:  normalisedQuestions(),
	})
}

type normalisedIn struct {
	W     [][]float64 `json:"W"`
	B     []float64   `json:"b"`
	X     [][]float64 `json:"X"`
	G     [][]float64 `json:"g"`
	Mode  string      `json:"norm_mode"`
	Delta float64     `json:"delta"`
}

type normalisedOut struct {
	Y  [][]float64 `json:"y"`
	DW [][]float64 `json:"dW"`
	DB []float64   `json:"db"`
	DX [][]float64 `json:"dX"`
}

type normalisedForwardIn struct {
	W     [][]float64 `json:"W"`
	B     []float64   `json:"b"`
	X     [][]float64 `json:"X"`
	Mode  string      `json:"norm_mode"`
	Delta float64     `json:"delta"`
}

type normalisedForwardOut struct {
	Y [][]float64 `json:"y"`
}

// normalisedPlain is the layer by its formula, for the checks.
func normalisedPlain(w [][]float64, b []float64, x [][]float64, mode string, delta float64) [][]float64 {
	y := make([][]float64, len(x))
	for r := range x {
		y[r] = make([]float64, len(w))
		for i, row := range w {
			n := math.Sqrt(dot(row, row))
			switch mode {
			case "sqrt":
				n = math.Sqrt(dot(row, row) + delta*delta)
			case "max":
				n = max(n, delta)
			}
			y[r][i] = (dot(row, x[r]) + b[i]) / n
		}
	}
	return y
}

// weighted returns Σ g·y.
func weighted(g, y [][]float64) float64 {
	sum := 0.0
	for r := range y {
		sum += dot(g[r], y[r])
	}
	return sum
}

// cloneRows copies a matrix, for differences to move.
func cloneRows(m [][]float64) [][]float64 {
	rows := make([][]float64, len(m))
	for i, row := range m {
		rows[i] = slices.Clone(row)
	}
	return rows
}

// gradientOfRows returns the gradient of f in each element of a matrix.
func gradientOfRows(f func() float64, m [][]float64) [][]float64 {
	g := make([][]float64, len(m))
	for i, row := range m {
		g[i] = gradientOf(f, row)
	}
	return g
}

func drawNormalised(rng *rand.Rand) normalisedIn {
	m, n, batch := 1+rng.IntN(3), 1+rng.IntN(4), 1+rng.IntN(2)
	in := normalisedIn{W: normals(rng, m, n), B: normal(rng, m), X: normals(rng, batch, n), G: normals(rng, batch, m), Mode: []string{"none", "sqrt", "max"}[rng.IntN(3)]}
	for _, row := range in.W { // away from norms of 0, where differences fail
		row[0] += math.Copysign(0.5, row[0])
	}
	if in.Mode != "none" {
		in.Delta = between(rng, 0.05, 0.45) // below all norms
		if in.Mode == "max" && rng.IntN(2) == 0 {
			in.Delta = 20
		}
	}
	if rng.IntN(4) == 0 {
		in.B = make([]float64, m)
	}
	return in
}

func normalisedPullback() Operation {
	return operation(definition[normalisedIn, normalisedOut]{
		name:   "forward_backward",
		method: "differences of Σ g·y, y by its formula",
		solve: func(in normalisedIn) (out normalisedOut, err error) {
			r, err := nn.NormalizedPullback(in.W, in.B, nil, in.X, in.G, in.Mode, in.Delta)
			if err != nil {
				return out, err
			}
			return normalisedOut{r.Y, r.DW, r.DB, r.DX}, nil
		},
		draw: drawNormalised,
		check: func(c *Comparison, in normalisedIn, out normalisedOut) {
			w, b, x := cloneRows(in.W), slices.Clone(in.B), cloneRows(in.X)
			loss := func() float64 { return weighted(in.G, normalisedPlain(w, b, x, in.Mode, in.Delta)) }
			c.matrix("y", out.Y, normalisedPlain(w, b, x, in.Mode, in.Delta), 1e-12)
			c.matrix("dW", out.DW, gradientOfRows(loss, w), 1e-7)
			c.vector("db", out.DB, gradientOf(loss, b), 1e-9)
			c.matrix("dX", out.DX, gradientOfRows(loss, x), 1e-9)
		},
	})
}

func normalisedForward() Operation {
	return operation(definition[normalisedForwardIn, normalisedForwardOut]{
		name:   "forward",
		method: "the formula",
		solve: func(in normalisedForwardIn) (out normalisedForwardOut, err error) {
			r, err := nn.NormalizedPullback(in.W, in.B, nil, in.X, nil, in.Mode, in.Delta)
			out.Y = r.Y
			return out, err
		},
		draw: func(rng *rand.Rand) normalisedForwardIn {
			in := drawNormalised(rng)
			return normalisedForwardIn{in.W, in.B, in.X, in.Mode, in.Delta}
		},
		check: func(c *Comparison, in normalisedForwardIn, out normalisedForwardOut) {
			c.matrix("y", out.Y, normalisedPlain(in.W, in.B, in.X, in.Mode, in.Delta), 1e-12)
		},
	})
}

type weightNormIn struct {
	V     [][]float64 `json:"V"`
	Gamma []float64   `json:"gamma"`
	Beta  []float64   `json:"beta"`
	X     [][]float64 `json:"X"`
	G     [][]float64 `json:"g"`
}

type weightNormOut struct {
	Y      [][]float64 `json:"y"`
	DV     [][]float64 `json:"dV"`
	DGamma []float64   `json:"dgamma"`
	DBeta  []float64   `json:"dbeta"`
	DX     [][]float64 `json:"dX"`
}

func normalisedWeightNorm() Operation {
	return operation(definition[weightNormIn, weightNormOut]{
		name:   "weight_norm",
		method: "differences of Σ g·y, y by its formula",
		solve: func(in weightNormIn) (out weightNormOut, err error) {
			r, err := nn.NormalizedPullback(in.V, in.Beta, in.Gamma, in.X, in.G, nn.NormExact, 0)
			if err != nil {
				return out, err
			}
			return weightNormOut{r.Y, r.DW, r.DGamma, r.DB, r.DX}, nil
		},
		draw: func(rng *rand.Rand) weightNormIn {
			in := drawNormalised(rng)
			return weightNormIn{in.W, normal(rng, len(in.W)), in.B, in.X, in.G}
		},
		check: func(c *Comparison, in weightNormIn, out weightNormOut) {
			v, gamma, beta, x := cloneRows(in.V), slices.Clone(in.Gamma), slices.Clone(in.Beta), cloneRows(in.X)
			forward := func() [][]float64 {
				y := normalisedPlain(v, make([]float64, len(v)), x, "none", 0)
				for _, row := range y {
					for i := range row {
						row[i] = gamma[i]*row[i] + beta[i]
					}
				}
				return y
			}
			loss := func() float64 { return weighted(in.G, forward()) }
			c.matrix("y", out.Y, forward(), 1e-12)
			c.matrix("dV", out.DV, gradientOfRows(loss, v), 1e-7)
			c.vector("dgamma", out.DGamma, gradientOf(loss, gamma), 1e-9)
			c.vector("dbeta", out.DBeta, gradientOf(loss, beta), 1e-9)
			c.matrix("dX", out.DX, gradientOfRows(loss, x), 1e-9)
		},
	})
}
