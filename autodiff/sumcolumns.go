package autodiff

import "github.com/gradus-ml/gradus/tensor"

// SumColumns returns the sums over the last index of x [rows …, n]: shape
// [rows …], accumulated in float64. Panics with a [*tensor.ShapeError] if x has
// rank 0.
func SumColumns[F tensor.Float](x *Var[F]) *Var[F] {
	outer, _ := splitLast("autodiff.SumColumns", x)
	y := x.tape.Output(outer, x)
	tensor.RowSums(y.Value.Data, x.Value)
	return Record(y, sumColumns[F]{x, y})
}

type sumColumns[F tensor.Float] struct{ x, y *Var[F] }

// Pull: every element of row r of dx += dy[r].
func (op *sumColumns[F]) Pull() {
	g := op.x.Accumulate()
	for r, dy := range op.y.Grad.Data {
		n := len(g) / len(op.y.Grad.Data)
		row := g[r*n : (r+1)*n]
		for i := range row {
			row[i] += dy
		}
	}
}
