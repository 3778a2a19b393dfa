package autodiff

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// Pow returns xᵖ, element by element, for a constant exponent: NaN for negative
// x unless p is an integer. p = 0 gives 1 everywhere, with derivative 0.
func Pow[F tensor.Float](x *Var[F], p float64) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	for i, v := range x.Value.Data {
		y.Value.Data[i] = F(math.Pow(float64(v), p))
	}
	return Record(y, pow[F]{x, y, p})
}

type pow[F tensor.Float] struct {
	x, y *Var[F]
	p    float64
}

// Pull: dx += dy·p·xᵖ⁻¹.
func (op *pow[F]) Pull() {
	g := op.x.Accumulate()
	if op.p == 0 {
		return // 0·x⁻¹ would be NaN at 0
	}
	for i, dy := range op.y.Grad.Data {
		g[i] += F(float64(dy) * op.p * math.Pow(float64(op.x.Value.Data[i]), op.p-1))
	}
}
