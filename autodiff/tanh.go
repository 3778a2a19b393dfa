package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Tanh returns tanh(x), element by element.
func Tanh[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.Tanh(y.Value.Data, x.Value.Data)
	return Record(y, tanh[F]{x, y})
}

type tanh[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy·(1 − y²).
func (op *tanh[F]) Pull() {
	g, first := op.x.Contribute()
	simd.TanhPull(g, op.y.Value.Data, op.y.Grad.Data, !first)
}
