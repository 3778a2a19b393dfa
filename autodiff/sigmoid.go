package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Sigmoid returns the logistic function 1/(1 + e⁻ˣ), element by element, without
// overflow for any x.
func Sigmoid[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.Sigmoid(y.Value.Data, x.Value.Data)
	return Record(y, sigmoid[F]{x, y})
}

type sigmoid[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy·y·(1 − y).
func (op *sigmoid[F]) Pull() {
	g, first := op.x.Contribute()
	simd.SigmoidPull(g, op.y.Value.Data, op.y.Grad.Data, !first)
}
