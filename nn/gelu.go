package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// GELU is x·Φ(x), Φ the distribution function of the standard normal, element
// by element, for x of any shape.
//
// Source: Hendrycks and Gimpel 2016, "Gaussian Error Linear Units".
type GELU[F tensor.Float] struct {
	elementwise

	// Approximate takes ½·(1 + tanh(√(2/π)·(x + 0.044715·x³))) for Φ(x), as
	// PyTorch does under approximate='tanh'. The two differ by up to 5e-4.
	Approximate bool
}

// Forward returns x·Φ(x).
func (l GELU[F]) Forward(_ *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	if l.Approximate {
		return autodiff.GELUTanh(x)
	}
	return autodiff.GELU(x)
}
