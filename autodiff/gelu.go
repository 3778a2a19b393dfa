package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// GELU returns x·Φ(x), element by element, with the distribution function Φ of
// the standard normal: ½·x·(1 + erf(x/√2)).
// Source: Hendrycks and Gimpel 2016, "Gaussian error linear units".
func GELU[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.GELU(y.Value.Data, x.Value.Data)
	return Record(y, gelu[F]{x, y})
}

type gelu[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy·(Φ(x) + x·φ(x)), φ the density.
func (op *gelu[F]) Pull() {
	g, first := op.x.Contribute()
	simd.GELUPull(g, op.x.Value.Data, op.y.Grad.Data, !first)
}
