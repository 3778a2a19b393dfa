package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// EntropyBox is the geometry of boxes (Lo, Hi)^n, Lo < Hi finite. Its entropy is
//
//	D(z, x) = Σ (z−Lo) log((z−Lo)/(x−Lo)) + (Hi−z) log((Hi−z)/(Hi−x)),
//
// or, Rescaled, the [Bernoulli] divergence of (z−Lo)/(Hi−Lo): the same divided
// by Hi−Lo. The minimiser of ⟨d, z⟩ + D(z, x)/step is a step in
// y = log((x−Lo)/(Hi−x)),
//
//	y ← y − step·d (Rescaled: y − step·(Hi−Lo)·d),  x = Lo + (Hi−Lo)/(1+e^(−y)).
//
// No penalty but [None] is supported. Source: docs/mirror-descent.md.
type EntropyBox[F tensor.Float] struct {
	Lo, Hi   float64
	Rescaled bool
}

// Solver returns the mirror step, or an error if the bounds are not finite or
// Lo ≥ Hi, or penalty is not [None].
func (g EntropyBox[F]) Solver(penalty Penalty[F]) (Solver[F], error) {
	if err := g.validate(); err != nil {
		return nil, err
	}
	if _, none := penalty.(None[F]); !none {
		return nil, noClosedForm(penalty, g)
	}
	return entropyBoxStep[F]{g}, nil
}

func (g EntropyBox[F]) validate() error {
	if !(g.Lo < g.Hi) || math.IsInf(g.Lo, 0) || math.IsInf(g.Hi, 0) {
		return invalid("EntropyBox is (%v, %v): want finite Lo < Hi", g.Lo, g.Hi)
	}
	return nil
}

// Piece is 0: coordinates are independent.
func (EntropyBox[F]) Piece([]int) int { return 0 }

// ToDual writes log((x−Lo)/(Hi−x)) to y. It returns a [*DomainError] if the
// bounds are invalid or an element is outside them.
func (g EntropyBox[F]) ToDual(y, x []F) error {
	sameLength("prox.EntropyBox", y, x)
	if err := g.validate(); err != nil {
		return err
	}
	for i, v := range x {
		v := float64(v)
		if !(v >= g.Lo && v <= g.Hi) {
			return invalid("element %d is %v: want a number in [%v, %v]", i, v, g.Lo, g.Hi)
		}
		y[i] = F(math.Log(v-g.Lo) - math.Log(g.Hi-v))
	}
	return nil
}

// FromDual writes the point, measured from the nearer bound.
func (g EntropyBox[F]) FromDual(x, y []F) {
	simd.Sigmoid(x, y)
	g.place(x, y)
}

// place takes x from (0, 1) to the box.
func (g EntropyBox[F]) place(x, y []F) {
	sameLength("prox.EntropyBox", x, y)
	width := g.Hi - g.Lo
	for i, v := range y {
		if v > 0 {
			x[i] = F(g.Hi - width*sigmoid(-float64(v)))
		} else {
			x[i] = F(g.Lo + width*float64(x[i]))
		}
	}
}

// Divergence returns D(z, x).
func (g EntropyBox[F]) Divergence(z, x []F) float64 {
	sameLength("prox.EntropyBox", z, x)
	width := g.Hi - g.Lo
	sum := 0.0
	for i := range x {
		p, q := (float64(x[i])-g.Lo)/width, (g.Hi-float64(x[i]))/width
		sum += bernoulliDivergence(p, q, (float64(z[i])-float64(x[i]))/width)
	}
	if !g.Rescaled {
		sum *= width
	}
	return sum
}

type entropyBoxStep[F tensor.Float] struct{ EntropyBox[F] }

func (s entropyBoxStep[F]) Step(at Point[F], step float64) {
	if s.Rescaled {
		step *= s.Hi - s.Lo
	}
	simd.MirrorSigmoid(at.X, at.Dual, at.Direction, step*at.Times)
	s.place(at.X, at.Dual)
}
