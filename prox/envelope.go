package prox

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// MoreauEnvelope is the smooth lower bound of a penalty
//
//	M(x) = min over z of Of(z) + ‖z−x‖²/(2·Width),  Width > 0,
//
// such as Huber's function for Of the Euclidean norm. For a convex penalty its
// gradient is (x−z)/Width, and its proximal map, argmin over z of M(z) +
// ‖z−a‖²/(2·step), moves the fraction step/(step+Width) of the way that Of's
// goes with a step of step+Width.
// Its methods allocate. Source: Moreau 1965.
type MoreauEnvelope[F tensor.Float] struct {
	Of    Penalty[F]
	Width float64
}

// Validate refuses a Width that is not positive, and asks the penalty.
func (m MoreauEnvelope[F]) Validate() error {
	if err := positive("MoreauEnvelope.Width", m.Width); err != nil {
		return err
	}
	return inner("MoreauEnvelope", m.Of)
}

// Piece is that of the penalty.
func (m MoreauEnvelope[F]) Piece(shape []int) int { return m.Of.Piece(shape) }

// Fits asks the penalty.
func (m MoreauEnvelope[F]) Fits(shape []int) error { return fits(m.Of, shape) }

// Value is M(x).
func (m MoreauEnvelope[F]) Value(x []F) float64 {
	z := make([]F, len(x))
	value := m.Of.Prox(z, x, m.Width)
	return value + simd.SquaredDistance(z, x)/(2*m.Width)
}

// Gradient writes (x−z)/Width to dst, which may be x itself.
func (m MoreauEnvelope[F]) Gradient(dst, x []F) {
	sameLength("prox.MoreauEnvelope", dst, x)
	z := make([]F, len(x))
	m.Of.Prox(z, x, m.Width)
	for i, v := range x {
		dst[i] = F((float64(v) - float64(z[i])) / m.Width)
	}
}

// Prox computes a + step/(step+Width)·(z − a), z the proximal map of
// (step+Width)·Of at a. The penalty is convex.
func (m MoreauEnvelope[F]) Prox(dst, a []F, step float64) float64 {
	sameLength("prox.MoreauEnvelope", dst, a)
	z := make([]F, len(a))
	m.Of.Prox(z, a, step+m.Width)
	part := step / (step + m.Width)
	for i, v := range a {
		dst[i] = F(float64(v) + part*(float64(z[i])-float64(v)))
	}
	return m.Value(dst)
}
