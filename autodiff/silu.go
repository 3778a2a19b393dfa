package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// SiLU returns x·σ(x), element by element, with the logistic function σ; also
// called swish.
// Source: Elfwing, Uchibe and Doya 2018, "Sigmoid-weighted linear units".
func SiLU[F tensor.Float](x *Var[F]) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.SiLU(y.Value.Data, x.Value.Data)
	return Record(y, silu[F]{x, y})
}

type silu[F tensor.Float] struct{ x, y *Var[F] }

// Pull: dx += dy·(σ(x) + x·σ(x)·σ(−x)).
func (op *silu[F]) Pull() {
	g, first := op.x.Contribute()
	simd.SiLUPull(g, op.x.Value.Data, op.y.Grad.Data, !first)
}
