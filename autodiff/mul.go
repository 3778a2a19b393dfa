package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Mul returns a·b, element by element. Panics with a [*tensor.ShapeError]
// unless the shapes are equal.
func Mul[F tensor.Float](a, b *Var[F]) *Var[F] {
	mustEqualShapes("autodiff.Mul", a, b)
	y := a.tape.Output(a.Shape(), a, b)
	simd.Mul(y.Value.Data, a.Value.Data, b.Value.Data)
	return Record(y, mul[F]{a, b, y})
}

type mul[F tensor.Float] struct{ a, b, y *Var[F] }

// Pull: da += dy·b, db += dy·a. Right for a == b, where both add to one
// gradient.
func (op *mul[F]) Pull() {
	for _, pair := range [2][2]*Var[F]{{op.a, op.b}, {op.b, op.a}} {
		if g, first := pair[0].Contribute(); first {
			simd.Mul(g, op.y.Grad.Data, pair[1].Value.Data)
		} else if g != nil {
			simd.AddMul(g, op.y.Grad.Data, pair[1].Value.Data)
		}
	}
}
