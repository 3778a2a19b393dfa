package autodiff

import "github.com/gradus-ml/gradus/tensor"

// Sum returns the sum of all elements of x, as a tensor of rank 0, accumulated
// in float64.
func Sum[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(nil, x)
	var s float64
	for _, v := range x.Value.Data {
		s += float64(v)
	}
	y.Value.Data[0] = F(s)
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
