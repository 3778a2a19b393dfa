package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
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
func (l GELU[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	y := p.Tape.Output(x.Shape(), x)
	if l.Approximate {
		simd.GELUTanh(y.Value.Data, x.Value.Data)
	} else {
		simd.GELU(y.Value.Data, x.Value.Data)
	}
	return autodiff.Record(y, gelu[F]{x, y, l.Approximate})
}

type gelu[F tensor.Float] struct {
	x, y        *autodiff.Var[F]
	approximate bool
}

// Pull: dx += dy·(Φ(x) + x·Φ′(x)).
func (op *gelu[F]) Pull() {
	dx, first := op.x.Contribute()
	if op.approximate {
		simd.GELUTanhPull(dx, op.x.Value.Data, op.y.Grad.Data, !first)
	} else {
		simd.GELUPull(dx, op.x.Value.Data, op.y.Grad.Data, !first)
	}
}
