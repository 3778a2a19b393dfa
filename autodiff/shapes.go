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
