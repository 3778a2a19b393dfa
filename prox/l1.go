package prox

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// L1 is R = Lambda·Σ|x_i|. Its proximal map, argmin over z of
// Lambda·Σ|z_i| + ‖z−a‖²/(2·step), is the soft threshold
//
//	z_i = sign(a_i)·max(0, |a_i| − step·Lambda).
//
// Lambda is at least 0. Source: Tibshirani 1996; Beck and Teboulle 2009, §1.
type L1[F tensor.Float] struct{ Lambda float64 }

// Validate refuses a negative or non-finite Lambda.
func (l L1[F]) Validate() error { return nonNegative("L1.Lambda", l.Lambda) }

// Piece is 0.
func (L1[F]) Piece([]int) int { return 0 }

// Value is Lambda·Σ|x_i|.
func (l L1[F]) Value(x []F) float64 {
	return l.Lambda * simd.AbsSum(x)
}

// Prox computes the soft threshold at step·Lambda.
func (l L1[F]) Prox(dst, a []F, step float64) float64 {
	sameLength("prox.L1", dst, a)
	softThresholdTo(dst, a, F(step*l.Lambda))
	return l.Value(dst)
}

// ProxDiagonal computes the soft threshold at step·Lambda/metric_i.
func (l L1[F]) ProxDiagonal(dst, a, metric []F, step float64) float64 {
	sameLength("prox.L1", dst, a)
	sameLength("prox.L1", metric, a)
	k := F(step * l.Lambda)
	for i, v := range a {
		dst[i] = softThreshold(v, k/metric[i])
	}
	return l.Value(dst)
}

// SlopeOnPositive is Lambda.
func (l L1[F]) SlopeOnPositive() float64 { return l.Lambda }

// softThreshold moves v toward 0 by k ≥ 0, and to 0 if it is nearer. Clamping
// and subtracting has no branch that a comparison with NaN could take wrongly.
func softThreshold[F tensor.Float](v, k F) F { return v - max(-k, min(k, v)) }

// softThresholdTo writes the soft threshold of a to dst: by vector kernels
// where dst is not a itself, with the same bits.
func softThresholdTo[F tensor.Float](dst, a []F, k F) {
	if len(a) > 0 && &dst[0] != &a[0] {
		simd.Clamp(dst, a, -k, k)
		simd.Sub(dst, a, dst)
		return
	}
	for i, v := range a {
		dst[i] = softThreshold(v, k)
	}
}
