package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// LeakyReLU is x where x > 0 and Slope·x elsewhere, for x of any shape. Its
// derivative at 0 is taken to be Slope.
type LeakyReLU[F tensor.Float] struct {
	elementwise
	Slope float64 // PyTorch's default is 0.01
}

// Forward returns x or Slope·x.
func (l LeakyReLU[F]) Forward(_ *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	return autodiff.LeakyReLU(x, l.Slope)
}
