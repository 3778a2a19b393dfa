package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Add returns a + b, element by element. Panics with a [*tensor.ShapeError]
// unless the shapes are equal.
func Add[F tensor.Float](a, b *Var[F]) *Var[F] {
	mustEqualShapes("autodiff.Add", a, b)
	y := a.tape.Output(a.Shape(), a, b)
	simd.Add(y.Value.Data, a.Value.Data, b.Value.Data)
	return Record(y, add[F]{a, b, y})
}

type add[F tensor.Float] struct{ a, b, y *Var[F] }

// Pull: da += dy, db += dy.
func (op *add[F]) Pull() {
	op.a.contribute(op.y.Grad.Data, 1)
	op.b.contribute(op.y.Grad.Data, 1)
}
