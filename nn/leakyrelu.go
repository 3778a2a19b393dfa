package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// LeakyReLU is x where x > 0 and Slope·x elsewhere, for x of any shape. Its
// derivative at 0 is taken to be Slope.
type LeakyReLU[F tensor.Float] struct {
	elementwise
	Slope float64 // PyTorch's default is 0.01
}

// Forward returns x or Slope·x.
func (l LeakyReLU[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	y := p.Tape.Output(x.Shape(), x)
	simd.LeakyReLU(y.Value.Data, x.Value.Data, l.Slope)
	return autodiff.Record(y, leakyReLU[F]{x, y, l.Slope})
}

type leakyReLU[F tensor.Float] struct {
	x, y  *autodiff.Var[F]
	slope float64
}

// Pull: dx += dy where x > 0, slope·dy elsewhere.
func (op *leakyReLU[F]) Pull() {
	dx, first := op.x.Contribute()
	simd.LeakyReLUPull(dx, op.x.Value.Data, op.y.Grad.Data, op.slope, !first)
}
