package autodiff

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// LogSumExp returns log Σ eˣ over the last index of x [rows …, n]: shape
// [rows …]. The row's maximum is subtracted first, so that nothing overflows.
// A row that is empty or holds −∞ only gives −∞. Panics with a
// [*tensor.ShapeError] if x has rank 0.
func LogSumExp[F tensor.Float](x *Var[F]) *Var[F] {
	outer, n := splitLast("autodiff.LogSumExp", x)
	y := x.tape.Output(outer, x)
	for r := range y.Value.Data {
		peak, log := logSumExp(x.Value.Data[r*n : (r+1)*n])
		y.Value.Data[r] = F(peak + log)
	}
	return Record(y, logSumExpOp[F]{x, y})
}

// logSumExp returns the two terms of log Σ eˣ: the maximum of x, and
// log Σ e^(x − maximum). They are kept apart so that differences from the
// maximum stay exact.
func logSumExp[F tensor.Float](x []F) (peak, log float64) {
	p := F(math.Inf(-1))
	for _, v := range x {
		p = max(p, v)
	}
	peak = float64(p)
	if math.IsInf(peak, 0) {
		return peak, 0
	}
	var sum float64
	for _, v := range x {
		sum += math.Exp(float64(v) - peak)
	}
	return peak, math.Log(sum)
}

type logSumExpOp[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy·softmax(x), row by row. In a row of −∞ only, where the
// derivative has no limit, it is NaN.
func (op *logSumExpOp[F]) Pull() {
	g, n := op.x.Accumulate(), lastOf(op.x.Shape())
	for r, dy := range op.y.Grad.Data {
		y := float64(op.y.Value.Data[r])
		for i := r * n; i < (r+1)*n; i++ {
			g[i] += dy * F(math.Exp(float64(op.x.Value.Data[i])-y))
		}
	}
}

// lastOf returns the last dimension of a shape.
func lastOf(shape []int) int { return shape[len(shape)-1] }
