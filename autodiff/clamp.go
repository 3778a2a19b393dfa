package autodiff

import (
	"fmt"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Clamp returns min(max(x, lo), hi), element by element; NaN stays NaN. The
// derivative is 1 inside [lo, hi], the ends included, and 0 outside. Panics
// unless lo ≤ hi.
func Clamp[F tensor.Float](x *Var[F], lo, hi float64) *Var[F] {
	if !(lo <= hi) {
		panic(fmt.Sprintf("autodiff.Clamp: bounds %v and %v: want lo ≤ hi", lo, hi))
	}
	y := x.tape.Output(x.Shape(), x)
	simd.Clamp(y.Value.Data, x.Value.Data, F(lo), F(hi))
	return Record(y, clamp[F]{x, y, F(lo), F(hi)})
}

type clamp[F tensor.Float] struct {
	x, y   *Var[F]
	lo, hi F
}

// Pull: dx += dy where lo ≤ x ≤ hi.
func (op *clamp[F]) Pull() {
	g := op.x.Accumulate()
	for i, dy := range op.y.Grad.Data {
		if x := op.x.Value.Data[i]; !(x < op.lo || x > op.hi) { // NaN passes
			g[i] += dy
		}
	}
}
