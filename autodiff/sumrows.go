package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// SumRows returns the sum of the rows of x [rows, …], over the leading index:
// shape […], accumulated in float64. Panics with a [*tensor.ShapeError] if x
// has rank 0.
func SumRows[F tensor.Float](x *Var[F]) *Var[F] {
	xs := x.Shape()
	if len(xs) == 0 {
		panic(tensor.Mismatch("autodiff.SumRows", "[rows …]", xs))
	}
	y := x.tape.Output(xs[1:], x)
	n := len(y.Value.Data)
	for j := range n {
		var s float64
		for at := j; at < len(x.Value.Data); at += n {
			s += float64(x.Value.Data[at])
		}
		y.Value.Data[j] = F(s)
	}
	return Record(y, sumRows[F]{x, y})
}

type sumRows[F tensor.Float] struct{ x, y *Var[F] }

// Pull: every row of dx += dy.
func (op *sumRows[F]) Pull() {
	g, dy := op.x.Accumulate(), op.y.Grad.Data
	for n := len(dy); len(g) > 0; g = g[n:] {
		simd.Add(g[:n], g[:n], dy)
	}
}
