package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Sigmoid is σ(x) = 1/(1+e⁻ˣ), element by element, for x of any shape.
type Sigmoid[F tensor.Float] struct{ elementwise }

// Forward returns σ(x).
func (Sigmoid[F]) Forward(_ *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	return autodiff.Sigmoid(x)
}
