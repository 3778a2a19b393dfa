package prox

import "github.com/gradus-ml/gradus/tensor"

// None is R = 0: no penalty. Its proximal map, argmin over z of ‖z−a‖², is the
// identity.
type None[F tensor.Float] struct{}

// Validate returns nil.
func (None[F]) Validate() error { return nil }

// Piece is 0.
func (None[F]) Piece([]int) int { return 0 }

// Value is 0.
func (None[F]) Value([]F) float64 { return 0 }

// Prox copies a.
func (None[F]) Prox(dst, a []F, _ float64) float64 {
	sameLength("prox.None", dst, a)
	copy(dst, a)
	return 0
}

// ProxDiagonal copies a.
func (None[F]) ProxDiagonal(dst, a, _ []F, _ float64) float64 {
	sameLength("prox.None", dst, a)
	copy(dst, a)
	return 0
}

// Shrink is 1.
func (None[F]) Shrink(float64) float64 { return 1 }

// SlopeOnPositive is 0.
func (None[F]) SlopeOnPositive() float64 { return 0 }
