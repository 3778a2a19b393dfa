package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Sub returns a − b, element by element. Panics with a [*tensor.ShapeError]
// unless the shapes are equal.
func Sub[F tensor.Float](a, b *Var[F]) *Var[F] {
	mustEqualShapes("autodiff.Sub", a, b)
	y := a.tape.Output(a.Shape(), a, b)
	simd.Sub(y.Value.Data, a.Value.Data, b.Value.Data)
	return Record(y, sub[F]{a, b, y})
}

type sub[F tensor.Float] struct{ a, b, y *Var[F] }

// Pull: da += dy, db −= dy.
func (op *sub[F]) Pull() {
	op.a.contribute(op.y.Grad.Data, 1)
	op.b.contribute(op.y.Grad.Data, -1)
}
