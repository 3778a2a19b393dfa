package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Abs returns |x|, element by element. Its subgradient at 0 is taken to be 0.
func Abs[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.Abs(y.Value.Data, x.Value.Data)
	return Record(y, abs[F]{x, y})
}

type abs[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy·sign(x).
func (op *abs[F]) Pull() {
	g := op.x.Accumulate()
	for i, dy := range op.y.Grad.Data {
		switch x := op.x.Value.Data[i]; {
		case x > 0:
			g[i] += dy
		case x < 0:
			g[i] -= dy
		case x != x: // NaN
			g[i] += x
		}
	}
}
