package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// AddRow returns x [batch …, n] with row [n] added to each of its rows. Panics
// with a [*tensor.ShapeError] if the shapes do not fit.
func AddRow[F tensor.Float](x, row *Var[F]) *Var[F] {
	mustBeRow("autodiff.AddRow", x, row)
	y := x.tape.Output(x.Shape(), x, row)
	for at, n := 0, len(row.Value.Data); at < len(x.Value.Data); at += n {
		simd.Add(y.Value.Data[at:at+n], x.Value.Data[at:at+n], row.Value.Data)
	}
	return Record(y, addRow[F]{x, row, y})
}

type addRow[F tensor.Float] struct{ x, row, y *Var[F] }

// Pull: dx += dy, drow += Σ over the rows of dy.
func (op *addRow[F]) Pull() {
	op.x.contribute(op.y.Grad.Data, 1)
	if g, first := op.row.Contribute(); len(g) > 0 {
		tensor.ColumnSums(g, op.y.Grad, !first)
	}
}

// mustBeRow panics with the operation's name unless row [n] fits x [batch …, n].
func mustBeRow[F tensor.Float](op string, x, row *Var[F]) {
	xs, rs := x.Shape(), row.Shape()
	if len(xs) == 0 || len(rs) != 1 || xs[len(xs)-1] != rs[0] {
		panic(tensor.Mismatch(op, "[batch … n] and [n]", xs, rs))
	}
}
