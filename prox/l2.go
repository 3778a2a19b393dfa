package prox

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// L2 is R = Lambda/2·‖x‖², the weight decay of problem 3. Its proximal map,
// argmin over z of Lambda/2·‖z‖² + ‖z−a‖²/(2·step), is
//
//	z = a/(1 + step·Lambda).
//
// Wrap it in [Translate] for Lambda/2·‖x−c‖². Lambda is at least 0.
// Source: docs/ema-proximal-sgd.md, equation (12).
type L2[F tensor.Float] struct{ Lambda float64 }

// Validate refuses a negative or non-finite Lambda.
func (l L2[F]) Validate() error { return nonNegative("L2.Lambda", l.Lambda) }

// Piece is 0.
func (L2[F]) Piece([]int) int { return 0 }

// Value is Lambda/2·‖x‖².
func (l L2[F]) Value(x []F) float64 { return l.Lambda / 2 * simd.SumSquares(x) }

// Prox computes a/(1 + step·Lambda).
func (l L2[F]) Prox(dst, a []F, step float64) float64 {
	sameLength("prox.L2", dst, a)
	simd.Scale(dst, a, F(l.Shrink(step)))
	return l.Value(dst)
}

// ProxDiagonal computes metric·a/(metric + step·Lambda).
func (l L2[F]) ProxDiagonal(dst, a, metric []F, step float64) float64 {
	sameLength("prox.L2", dst, a)
	sameLength("prox.L2", metric, a)
	k := F(step * l.Lambda)
	for i, v := range a {
		dst[i] = v * (metric[i] / (metric[i] + k))
	}
	return l.Value(dst)
}

// Shrink is 1/(1 + step·Lambda).
func (l L2[F]) Shrink(step float64) float64 { return 1 / (1 + step*l.Lambda) }
