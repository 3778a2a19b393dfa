package prox

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// LambdaMax returns the smallest lambda at which one step of the group lasso,
// [Norm] of [Linear], sets every piece of x to zero: the greatest of
// ‖x/step − g‖ over consecutive pieces of the given length. From x = 0 it is
// the greatest ‖g‖ whatever the step, above which a path of solutions begins at
// 0. Pieces of length 1 are [L1]. It panics if x is not whole pieces.
func LambdaMax[F tensor.Float](x, g []F, piece int, step float64) float64 {
	sameLength("prox.LambdaMax", g, x)
	if piece < 1 || len(x)%piece != 0 {
		panic(tensor.Mismatch("prox.LambdaMax", "a length of whole pieces", []int{len(x)}, []int{piece}))
	}
	a := make([]F, piece)
	greatest := 0.0
	for lo := 0; lo < len(x); lo += piece {
		for i := range a {
			a[i] = F(float64(x[lo+i])/step - float64(g[lo+i]))
		}
		greatest = max(greatest, simd.Norm(a))
	}
	return greatest
}
