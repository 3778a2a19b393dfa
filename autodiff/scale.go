package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Scale returns s·x.
func Scale[F tensor.Float](x *Var[F], s float64) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.Scale(y.Value.Data, x.Value.Data, F(s))
	return Record(y, scale[F]{x, y, F(s)})
}

// Neg returns −x.
func Neg[F tensor.Float](x *Var[F]) *Var[F] { return Scale(x, -1) }

// Mean returns the mean of all elements of x, as a tensor of rank 0; NaN if
// there are none.
func Mean[F tensor.Float](x *Var[F]) *Var[F] {
	return Scale(Sum(x), 1/float64(len(x.Value.Data)))
}

type scale[F tensor.Float] struct {
	x, y *Var[F]
	s    F
}

// Pull: dx += s·dy.
func (op *scale[F]) Pull() { op.x.contribute(op.y.Grad.Data, op.s) }
