package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// ReLU is max(x, 0), element by element, for x of any shape. Its derivative at
// 0 is taken to be 0; NaN stays NaN.
type ReLU[F tensor.Float] struct{ elementwise }

// Forward returns max(x, 0).
func (ReLU[F]) Forward(_ *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	return autodiff.ReLU(x)
}
