package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Log returns the natural logarithm of x, element by element: −∞ at 0, NaN for
// negative x.
func Log[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.Log(y.Value.Data, x.Value.Data)
	return Record(y, log[F]{x, y})
}

type log[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy/x.
func (op *log[F]) Pull() {
	g := op.x.Accumulate()
	for i, dy := range op.y.Grad.Data {
		g[i] += dy / op.x.Value.Data[i]
	}
}
