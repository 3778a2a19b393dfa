package prox

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// ElasticNet is R = Lambda1·Σ|x_i| + Lambda2/2·‖x‖², both at least 0. Its
// proximal map, argmin over z of Lambda1·Σ|z_i| + Lambda2/2·‖z‖² +
// ‖z−a‖²/(2·step), is the soft threshold, shrunk:
//
//	z_i = sign(a_i)·max(0, |a_i| − step·Lambda1)/(1 + step·Lambda2).
//
// Source: Zou and Hastie 2005.
type ElasticNet[F tensor.Float] struct{ Lambda1, Lambda2 float64 }

// Validate refuses negative or non-finite lambdas.
func (e ElasticNet[F]) Validate() error {
	if err := nonNegative("ElasticNet.Lambda1", e.Lambda1); err != nil {
		return err
	}
	return nonNegative("ElasticNet.Lambda2", e.Lambda2)
}

// Piece is 0.
func (ElasticNet[F]) Piece([]int) int { return 0 }

// Value is Lambda1·Σ|x_i| + Lambda2/2·‖x‖².
func (e ElasticNet[F]) Value(x []F) float64 {
	return e.Lambda1*simd.AbsSum(x) + e.Lambda2/2*simd.SumSquares(x)
}

// Prox computes the shrunken soft threshold.
func (e ElasticNet[F]) Prox(dst, a []F, step float64) float64 {
	sameLength("prox.ElasticNet", dst, a)
	softThresholdTo(dst, a, F(step*e.Lambda1))
	simd.Scale(dst, dst, F(1/(1+step*e.Lambda2)))
	return e.Value(dst)
}

// ProxDiagonal computes sign(a)·max(0, h·|a| − step·Lambda1)/(h + step·Lambda2).
func (e ElasticNet[F]) ProxDiagonal(dst, a, metric []F, step float64) float64 {
	sameLength("prox.ElasticNet", dst, a)
	sameLength("prox.ElasticNet", metric, a)
	k1, k2 := F(step*e.Lambda1), F(step*e.Lambda2)
	for i, v := range a {
		h := metric[i]
		dst[i] = softThreshold(v, k1/h) * (h / (h + k2))
	}
	return e.Value(dst)
}
