package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// ReLU is max(x, 0), element by element, for x of any shape. Its derivative at
// 0 is taken to be 0; NaN stays NaN.
type ReLU[F tensor.Float] struct{ elementwise }

// Forward returns max(x, 0).
func (ReLU[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	y := p.Tape.Output(x.Shape(), x)
	simd.ReLU(y.Value.Data, x.Value.Data)
	return autodiff.Record(y, relu[F]{x, y})
}

type relu[F tensor.Float] struct{ x, y *autodiff.Var[F] }

// Pull: dx += dy where x > 0.
func (op *relu[F]) Pull() {
	dx, first := op.x.Contribute()
	simd.ReLUPull(dx, op.x.Value.Data, op.y.Grad.Data, !first)
}
