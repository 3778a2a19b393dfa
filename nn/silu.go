package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// SiLU is x·σ(x), also called swish, element by element, for x of any shape.
type SiLU[F tensor.Float] struct{ elementwise }

// Forward returns x·σ(x).
func (SiLU[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	y := p.Tape.Output(x.Shape(), x)
	simd.SiLU(y.Value.Data, x.Value.Data)
	return autodiff.Record(y, silu[F]{x, y})
}

type silu[F tensor.Float] struct{ x, y *autodiff.Var[F] }

// Pull: dx += dy·σ(x)·(1 + x·(1−σ(x))).
func (op *silu[F]) Pull() {
	dx, first := op.x.Contribute()
	simd.SiLUPull(dx, op.x.Value.Data, op.y.Grad.Data, !first)
}
