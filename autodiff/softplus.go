package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Softplus returns log(1 + eˣ), element by element, as max(x, 0) + log(1 +
// e^−|x|), which overflows nowhere.
func Softplus[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.Softplus(y.Value.Data, x.Value.Data)
	return Record(y, softplus[F]{x, y})
}

type softplus[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy·σ(x), σ the logistic function.
func (op *softplus[F]) Pull() {
	g, first := op.x.Contribute()
	simd.SoftplusPull(g, op.x.Value.Data, op.y.Grad.Data, !first)
}
