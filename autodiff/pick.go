package autodiff

import "github.com/gradus-ml/gradus/tensor"

// Pick returns one element of each row of x [rows, n]: x[r, columns[r]], shape
// [rows]. The columns must not change until Backward has run. Panics with a
// [*tensor.ShapeError] if x is not a matrix, if there is not one column for
// each row, or if one does not fit.
func Pick[F tensor.Float](x *Var[F], columns []int) *Var[F] {
	xs := x.Shape()
	if len(xs) != 2 || len(columns) != xs[0] {
		panic(tensor.Mismatch("autodiff.Pick", "x [rows n] and one column for each row", xs, []int{len(columns)}))
	}
	mustIndex("autodiff.Pick", xs[1], columns)
	y := x.tape.Output(xs[:1], x)
	for r, c := range columns {
		y.Value.Data[r] = x.Value.Data[r*xs[1]+c]
	}
	return Record(y, pick[F]{x, y, columns})
}

type pick[F tensor.Float] struct {
	x, y    *Var[F]
	columns []int
}

// Pull: dx[r, columns[r]] += dy[r].
func (op *pick[F]) Pull() {
	g, n := op.x.Accumulate(), op.x.Shape()[1]
	for r, c := range op.columns {
		g[r*n+c] += op.y.Grad.Data[r]
	}
}
