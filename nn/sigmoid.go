package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Sigmoid is σ(x) = 1/(1+e⁻ˣ), element by element, for x of any shape.
type Sigmoid[F tensor.Float] struct{ elementwise }

// Forward returns σ(x).
func (Sigmoid[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	y := p.Tape.Output(x.Shape(), x)
	simd.Sigmoid(y.Value.Data, x.Value.Data)
	return autodiff.Record(y, sigmoid[F]{x, y})
}

type sigmoid[F tensor.Float] struct{ x, y *autodiff.Var[F] }

// Pull: dx += dy·y·(1−y).
func (op *sigmoid[F]) Pull() {
	dx, first := op.x.Contribute()
	simd.SigmoidPull(dx, op.y.Value.Data, op.y.Grad.Data, !first)
}
