package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Sqrt returns √x, element by element: NaN for negative x. Its derivative at 0
// is +∞.
func Sqrt[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.Sqrt(y.Value.Data, x.Value.Data)
	return Record(y, sqrt[F]{x, y})
}

type sqrt[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy/(2·y).
func (op *sqrt[F]) Pull() {
	g := op.x.Accumulate()
	for i, dy := range op.y.Grad.Data {
		g[i] += dy / (2 * op.y.Value.Data[i])
	}
}
