package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Div returns a / b, element by element. Division by zero follows IEEE 754.
// Panics with a [*tensor.ShapeError] unless the shapes are equal.
func Div[F tensor.Float](a, b *Var[F]) *Var[F] {
	mustEqualShapes("autodiff.Div", a, b)
	y := a.tape.Output(a.Shape(), a, b)
	simd.Div(y.Value.Data, a.Value.Data, b.Value.Data)
	return Record(y, div[F]{a, b, y})
}

type div[F tensor.Float] struct{ a, b, y *Var[F] }

// Pull: da += dy/b, db −= dy·y/b.
func (op *div[F]) Pull() {
	b, dy := op.b.Value.Data, op.y.Grad.Data
	if g := op.a.Accumulate(); g != nil {
		for i := range g {
			g[i] += dy[i] / b[i]
		}
	}
	if g := op.b.Accumulate(); g != nil {
		for i, y := range op.y.Value.Data {
			g[i] -= dy[i] * y / b[i]
		}
	}
}
