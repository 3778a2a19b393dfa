package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// ReLU returns max(x, 0), element by element; NaN stays NaN. At 0, where it has
// a kink, the derivative is taken to be 0.
func ReLU[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.ReLU(y.Value.Data, x.Value.Data)
	return Record(y, relu[F]{x, y})
}

type relu[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy where x > 0.
func (op *relu[F]) Pull() {
	g, first := op.x.Contribute()
	simd.ReLUPull(g, op.x.Value.Data, op.y.Grad.Data, !first)
}
