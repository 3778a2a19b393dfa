package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Softplus is log(1+eˣ), element by element, for x of any shape. No threshold
// switches to the identity, and nothing overflows.
type Softplus[F tensor.Float] struct{ elementwise }

// Forward returns log(1+eˣ).
func (Softplus[F]) Forward(_ *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	return autodiff.Softplus(x)
}
