package autodiff

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// LeakyReLU returns x where x > 0 and slope·x elsewhere. At 0, where it has a
// kink, the derivative is taken to be slope.
// Source: Maas, Hannun and Ng 2013, "Rectifier nonlinearities improve neural
// network acoustic models".
func LeakyReLU[F tensor.Float](x *Var[F], slope float64) *Var[F] {
	y := x.tape.Output(x.Shape(), x)
	simd.LeakyReLU(y.Value.Data, x.Value.Data, slope)
	return Record(y, leakyReLU[F]{x, y, slope})
}

type leakyReLU[F tensor.Float] struct {
	x, y  *Var[F]
	slope float64
}

// Pull: dx += dy where x > 0, slope·dy elsewhere.
func (op *leakyReLU[F]) Pull() {
	g, first := op.x.Contribute()
	simd.LeakyReLUPull(g, op.x.Value.Data, op.y.Grad.Data, op.slope, !first)
}
