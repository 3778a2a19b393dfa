package autodiff

import "github.com/gradus-ml/gradus/tensor"

// Mul returns a·b, element by element. Panics with a [*tensor.ShapeError]
// unless the shapes are equal.
func Mul[F tensor.Float](a, b *Var[F]) *Var[F] {
	mustEqualShapes("autodiff.Mul", a, b)
	y := a.tape.Output(a.Shape(), a, b)
	for i, v := range a.Value.Data {
		y.Value.Data[i] = v * b.Value.Data[i]
	}
	return Record(y, mul[F]{a, b, y})
}

type mul[F tensor.Float] struct{ a, b, y *Var[F] }

// Pull: da += dy·b, db += dy·a. Right for a == b, where both add to one
// gradient.
func (op *mul[F]) Pull() {
	for _, pair := range [2][2]*Var[F]{{op.a, op.b}, {op.b, op.a}} {
		if g := pair[0].Accumulate(); g != nil {
			for i, dy := range op.y.Grad.Data {
				g[i] += dy * pair[1].Value.Data[i]
			}
		}
	}
}
