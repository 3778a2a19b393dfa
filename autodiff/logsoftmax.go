package autodiff

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// LogSoftmax returns log softmax(x) over the last index of x [rows …, n]:
// x − log Σ eˣ. The row's maximum is subtracted first, so that nothing
// overflows. A row that holds +∞, or −∞ only, gives NaN. Panics with a
// [*tensor.ShapeError] if x has rank 0.
func LogSoftmax[F tensor.Float](x *Var[F]) *Var[F] {
	_, n := splitLast("autodiff.LogSoftmax", x)
	y := x.tape.Output(x.Shape(), x)
	for at := 0; at < len(x.Value.Data); at += n {
		row := x.Value.Data[at : at+n]
		peak, log := logSumExp(row)
		for i, v := range row {
			y.Value.Data[at+i] = F(float64(v) - peak - log)
		}
	}
	return Record(y, logSoftmax[F]{x, y})
}

type logSoftmax[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy − softmax(x)·Σ dy, row by row.
func (op *logSoftmax[F]) Pull() {
	g := op.x.Accumulate()
	for at, n := 0, lastOf(op.x.Shape()); at < len(g); at += n {
		dy, y := op.y.Grad.Data[at:at+n], op.y.Value.Data[at:at+n]
		var total float64
		for _, v := range dy {
			total += float64(v)
		}
		for i, v := range dy {
			g[at+i] += F(float64(v) - math.Exp(float64(y[i]))*total)
		}
	}
}
