package autodiff

import "github.com/gradus-ml/gradus/tensor"

// Square returns x², element by element.
func Square[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	for i, v := range x.Value.Data {
		y.Value.Data[i] = v * v
	}
	return Record(y, square[F]{x, y})
}

type square[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += 2·dy·x.
func (op *square[F]) Pull() {
	g := op.x.Accumulate()
	for i, dy := range op.y.Grad.Data {
		g[i] += 2 * dy * op.x.Value.Data[i]
	}
}
