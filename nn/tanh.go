package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Tanh is the hyperbolic tangent, element by element, for x of any shape.
type Tanh[F tensor.Float] struct{ elementwise }

// Forward returns tanh(x).
func (Tanh[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	y := p.Tape.Output(x.Shape(), x)
	simd.Tanh(y.Value.Data, x.Value.Data)
	return autodiff.Record(y, tanh[F]{x, y})
}

type tanh[F tensor.Float] struct{ x, y *autodiff.Var[F] }

// Pull: dx += dy·(1−y²).
func (op *tanh[F]) Pull() {
	dx, first := op.x.Contribute()
	simd.TanhPull(dx, op.y.Value.Data, op.y.Grad.Data, !first)
}
