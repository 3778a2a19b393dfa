package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Softplus is log(1+eˣ), element by element, for x of any shape. No threshold
// switches to the identity, and nothing overflows.
type Softplus[F tensor.Float] struct{ elementwise }

// Forward returns log(1+eˣ).
func (Softplus[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	y := p.Tape.Output(x.Shape(), x)
	simd.Softplus(y.Value.Data, x.Value.Data)
	return autodiff.Record(y, softplus[F]{x, y})
}

type softplus[F tensor.Float] struct{ x, y *autodiff.Var[F] }

// Pull: dx += dy·σ(x).
func (op *softplus[F]) Pull() {
	dx, first := op.x.Contribute()
	simd.SoftplusPull(dx, op.x.Value.Data, op.y.Grad.Data, !first)
}
