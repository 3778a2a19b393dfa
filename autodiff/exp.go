package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Exp returns eˣ, element by element. It overflows to +∞.
func Exp[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.Exp(y.Value.Data, x.Value.Data)
	return Record(y, exp[F]{x, y})
}

type exp[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy·y.
func (op *exp[F]) Pull() {
	if g, first := op.x.Contribute(); first {
		simd.Mul(g, op.y.Grad.Data, op.y.Value.Data)
	} else {
		simd.AddMul(g, op.y.Grad.Data, op.y.Value.Data)
	}
}
