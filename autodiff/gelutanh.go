package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// GELUTanh returns GELU's approximation ½·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))),
// element by element: PyTorch's approximate='tanh'. The two differ by up to
// 5e-4.
func GELUTanh[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.GELUTanh(y.Value.Data, x.Value.Data)
	return Record(y, geluTanh[F]{x, y})
}

type geluTanh[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy times the derivative of the approximation.
func (op *geluTanh[F]) Pull() {
	g, first := op.x.Contribute()
	simd.GELUTanhPull(g, op.x.Value.Data, op.y.Grad.Data, !first)
}
