package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// SiLU is x·σ(x), also called swish, element by element, for x of any shape.
type SiLU[F tensor.Float] struct{ elementwise }

// Forward returns x·σ(x).
func (SiLU[F]) Forward(_ *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	return autodiff.SiLU(x)
}
