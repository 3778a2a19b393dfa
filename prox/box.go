package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Box is the indicator of Lo ≤ x_i ≤ Hi: 0 inside, +Inf outside. Its proximal
// map, argmin over Lo ≤ z_i ≤ Hi of ‖z−a‖², is clipping, in any diagonal metric.
// Bounds may be infinite; Lo ≤ Hi.
type Box[F tensor.Float] struct{ Lo, Hi float64 }

// Validate refuses Lo > Hi, NaN, and a box that holds no finite number.
func (b Box[F]) Validate() error {
	if !(b.Lo <= b.Hi) || math.IsInf(b.Lo, 1) || math.IsInf(b.Hi, -1) {
		return invalid("Box is [%v, %v]: want Lo ≤ Hi and a finite number between", b.Lo, b.Hi)
	}
	return nil
}

// Piece is 0.
func (Box[F]) Piece([]int) int { return 0 }

// Value is 0 if all of x is inside, +Inf if not, NaN if an element is NaN.
func (b Box[F]) Value(x []F) float64 {
	lo, hi := F(b.Lo), F(b.Hi)
	value := 0.0
	for _, v := range x {
		switch {
		case v != v:
			return math.NaN()
		case v < lo || v > hi:
			value = math.Inf(1)
		}
	}
	return value
}

// Prox clips a.
func (b Box[F]) Prox(dst, a []F, _ float64) float64 {
	sameLength("prox.Box", dst, a)
	simd.Clamp(dst, a, F(b.Lo), F(b.Hi))
	return 0
}

// ProxDiagonal clips a.
func (b Box[F]) ProxDiagonal(dst, a, _ []F, step float64) float64 { return b.Prox(dst, a, step) }
