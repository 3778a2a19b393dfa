package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Tanh is the hyperbolic tangent, element by element, for x of any shape.
type Tanh[F tensor.Float] struct{ elementwise }

// Forward returns tanh(x).
func (Tanh[F]) Forward(_ *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	return autodiff.Tanh(x)
}
