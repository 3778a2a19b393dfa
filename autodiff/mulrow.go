package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// MulRow returns x [batch …, n] with each of its rows multiplied, element by
// element, by row [n]. Panics with a [*tensor.ShapeError] if the shapes do not
// fit.
func MulRow[F tensor.Float](x, row *Var[F]) *Var[F] {
	mustBeRow("autodiff.MulRow", x, row)
	y := x.tape.Output(x.Shape(), x, row)
	for at, n := 0, len(row.Value.Data); at < len(x.Value.Data); at += n {
		simd.Mul(y.Value.Data[at:at+n], x.Value.Data[at:at+n], row.Value.Data)
	}
	return Record(y, mulRow[F]{x, row, y})
}

type mulRow[F tensor.Float] struct{ x, row, y *Var[F] }

// Pull: dx += dy·row, drow += Σ over the rows of dy·x.
func (op *mulRow[F]) Pull() {
	row, dx, drow := op.row.Value.Data, op.x.Accumulate(), op.row.Accumulate()
	for at, n := 0, len(row); at < len(op.y.Value.Data); at += n {
		dy := op.y.Grad.Data[at : at+n]
		if dx != nil {
			simd.AddMul(dx[at:at+n], dy, row)
		}
		if drow != nil {
			simd.AddMul(drow, dy, op.x.Value.Data[at:at+n])
		}
	}
}
