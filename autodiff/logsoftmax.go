package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// LogSoftmax returns log softmax(x) over the last index of x [rows …, n]:
// x − log Σ eˣ. The row's maximum is subtracted first, so that nothing
// overflows. A row that holds +∞, or −∞ only, gives NaN. Panics with a
// [*tensor.ShapeError] if x has rank 0.
func LogSoftmax[F tensor.Float](x *Var[F]) *Var[F] {
	splitLast("autodiff.LogSoftmax", x)
	y := x.tape.Output(x.Shape(), x)
	tensor.LogSoftmax(y.Value, x.Value)
	return Record(y, logSoftmax[F]{x, y})
}

type logSoftmax[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy − softmax(x)·Σ dy, row by row.
func (op *logSoftmax[F]) Pull() {
	g, n := op.x.Accumulate(), lastOf(op.x.Shape())
	softmax := op.x.tape.Scratch(len(g))
	simd.Exp(softmax, op.y.Value.Data)
	for at := 0; at < len(g); at += n {
		row, dy := g[at:at+n], op.y.Grad.Data[at:at+n]
		simd.Add(row, row, dy)
		simd.AddScaled(row, softmax[at:at+n], F(-simd.Sum(dy)))
	}
}
