package prox

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// NonNegative is the indicator of x_i ≥ 0. Its proximal map, argmin over
// z ≥ 0 of ‖z−a‖², is max(0, a_i).
type NonNegative[F tensor.Float] struct{}

func (NonNegative[F]) box() Box[F] { return Box[F]{0, math.Inf(1)} }

// Validate returns nil.
func (NonNegative[F]) Validate() error { return nil }

// Piece is 0.
func (NonNegative[F]) Piece([]int) int { return 0 }

// Value is 0 if no element is negative, +Inf if one is, NaN if one is NaN.
func (n NonNegative[F]) Value(x []F) float64 { return n.box().Value(x) }

// Prox computes max(0, a).
func (n NonNegative[F]) Prox(dst, a []F, step float64) float64 { return n.box().Prox(dst, a, step) }

// ProxDiagonal computes max(0, a).
func (n NonNegative[F]) ProxDiagonal(dst, a, _ []F, step float64) float64 {
	return n.box().Prox(dst, a, step)
}

// SlopeOnPositive is 0: the condition holds there already.
func (NonNegative[F]) SlopeOnPositive() float64 { return 0 }
