package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Metric is the positive diagonal h_i = √(Scale·Squares_i) + Offset, the form
// that Adam's second moments give it. A metric of ones is an Offset of 1 with
// a Scale of 0.
type Metric[F tensor.Float] struct {
	Squares       []F
	Scale, Offset float64
}

// To writes the metric to h.
func (m Metric[F]) To(h []F) {
	sameLength("prox.Metric", h, m.Squares)
	scale, offset := F(m.Scale), F(m.Offset)
	for i, s := range m.Squares {
		h[i] = F(math.Sqrt(float64(scale*s))) + offset
	}
}

// Diagonal is D(z, x) = Σ h_i·(z_i−x_i)²/2 with a positive metric h that comes
// with each point, such as Adam's √v̂ + ϵ:
//
//	z = argmin of R(z) + Σ h_i·(z_i−a_i)²/(2·step),  a_i = x_i − step·d_i/h_i.
//
// Penalties that implement [DiagonalPenalty] have a closed form in it.
type Diagonal[F tensor.Float] struct{}

// Divergence returns Σ h_i·(z_i−x_i)²/2.
func (Diagonal[F]) Divergence(z, x, h []F) float64 {
	sameLength("prox.Diagonal", z, x)
	sameLength("prox.Diagonal", h, x)
	sum := 0.0
	for i := range x {
		d := float64(z[i]) - float64(x[i])
		sum += float64(h[i]) * d * d
	}
	return sum / 2
}

// Solver returns the step of penalty, or an error that names both parts if
// penalty is no [DiagonalPenalty], or none with its parameters.
func (g Diagonal[F]) Solver(penalty Penalty[F]) (Solver[F], error) {
	if _, ok := penalty.(None[F]); ok {
		return diagonalPlain[F]{None[F]{}}, nil
	}
	if solvesDiagonal(penalty) {
		return diagonalProx[F]{penalty.(DiagonalPenalty[F])}, nil
	}
	return nil, noClosedForm(penalty, g)
}

type diagonalPlain[F tensor.Float] struct{ None[F] }

func (diagonalPlain[F]) Step(at Point[F], step float64) { descend(at, step) }

type diagonalProx[F tensor.Float] struct{ DiagonalPenalty[F] }

func (s diagonalProx[F]) Step(at Point[F], step float64) {
	descend(at, step)
	at.Metric.To(at.Scratch)
	piece := at.pieceLength()
	for lo := 0; lo < len(at.X); lo += piece {
		x := at.X[lo : lo+piece]
		s.ProxDiagonal(x, x, at.Scratch[lo:lo+piece], step)
	}
}

// descend takes x to x − step·d/h.
func descend[F tensor.Float](at Point[F], step float64) {
	simd.DiagonalStep(at.X, at.Direction, at.Metric.Squares, step*at.Times, at.Metric.Scale, at.Metric.Offset)
}
