package autodiff

import "github.com/gradus-ml/gradus/tensor"

// AddScalar returns x + s, s added to every element.
func AddScalar[F tensor.Float](x *Var[F], s float64) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	for i, v := range x.Value.Data {
		y.Value.Data[i] = v + F(s)
	}
	return Record(y, addScalar[F]{x, y})
}

type addScalar[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy.
func (op *addScalar[F]) Pull() { op.x.contribute(op.y.Grad.Data, 1) }
