package autodiff

import (
	"slices"

	"github.com/gradus-ml/gradus/tensor"
)

// mustEqualShapes panics with the operation's name unless a and b have one
// shape.
func mustEqualShapes[F tensor.Float](op string, a, b *Var[F]) {
	if !slices.Equal(a.Shape(), b.Shape()) {
		panic(tensor.Mismatch(op, "equal shapes", a.Shape(), b.Shape()))
	}
}

// splitLast returns x's shape as [outer …, n], or panics with the operation's
// name if x has rank 0.
func splitLast[F tensor.Float](op string, x *Var[F]) (outer []int, n int) {
	xs := x.Shape()
	if len(xs) == 0 {
		panic(tensor.Mismatch(op, "[rows … n]", xs))
	}
	return xs[:len(xs)-1], xs[len(xs)-1]
}

// lastOf returns the last dimension of a shape.
func lastOf(shape []int) int { return shape[len(shape)-1] }
