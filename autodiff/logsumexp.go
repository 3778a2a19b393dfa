package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// LogSumExp returns log Σ eˣ over the last index of x [rows …, n]: shape
// [rows …]. The row's maximum is subtracted first, so that nothing overflows.
// A row that is empty or holds −∞ only gives −∞. Panics with a
// [*tensor.ShapeError] if x has rank 0.
func LogSumExp[F tensor.Float](x *Var[F]) *Var[F] {
	outer, _ := splitLast("autodiff.LogSumExp", x)
	y := x.tape.Output(outer, x)
	tensor.LogSumExp(y.Value.Data, x.Value)
	return Record(y, logSumExp[F]{x, y})
}

type logSumExp[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy·softmax(x), row by row. In a row of −∞ only, where the
// derivative has no limit, it is NaN.
func (op *logSumExp[F]) Pull() {
	g, n := op.x.Accumulate(), lastOf(op.x.Shape())
	softmax := op.x.tape.Scratch(n)
	for r, dy := range op.y.Grad.Data {
		simd.Standardise(softmax, op.x.Value.Data[r*n:(r+1)*n], op.y.Value.Data[r], 1, 0)
		simd.Exp(softmax, softmax)
		simd.AddScaled(g[r*n:(r+1)*n], softmax, dy)
	}
}
