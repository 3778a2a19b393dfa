package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Sum returns the sum of all elements of x, as a tensor of rank 0, accumulated
// in float64.
func Sum[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(nil, x)
	y.Value.Data[0] = F(simd.Sum(x.Value.Data))
	return Record(y, sum[F]{x, y})
}

type sum[F tensor.Float] struct{ x, y *Var[F] }

// Pull: every dx += dy.
func (op *sum[F]) Pull() {
	dy := op.y.Grad.Data[0]
	g := op.x.Accumulate()
	for i := range g {
		g[i] += dy
	}
}
