package binarynet

import (
	"fmt"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Threshold is the activation of a network of bits, +1 where x ≥ 0 and −1 below,
// element by element, for x of any shape; NaN stays NaN. Its derivative is 0
// almost everywhere, so it passes dy straight through where |x| ≤ Window, and
// nothing beyond: the pullback of x clamped to ±Window.
// Source: Hubara et al. 2016.
type Threshold[F tensor.Float] struct{ Window float64 }

// Validate reports a window that is not positive.
func (l Threshold[F]) Validate() error {
	if !(l.Window > 0) {
		return fmt.Errorf("threshold: window %v: want a positive number", l.Window)
	}
	return nil
}

// Forward returns the signs of x.
func (l Threshold[F]) Forward(p *nn.Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	y := p.Tape.Output(x.Shape(), x)
	for i, v := range x.Value.Data {
		switch {
		case v >= 0:
			v = 1
		case v < 0:
			v = -1
		}
		y.Value.Data[i] = v
	}
	return autodiff.Record(y, threshold[F]{x, y, F(l.Window)})
}

// OutputShape is the input's shape.
func (Threshold[F]) OutputShape(input []int) ([]int, error) { return input, nil }

type threshold[F tensor.Float] struct {
	x, y   *autodiff.Var[F]
	window F
}

// Pull: dx += dy where |x| ≤ window.
func (op *threshold[F]) Pull() {
	g := op.x.Accumulate()
	for i, dy := range op.y.Grad.Data {
		if x := op.x.Value.Data[i]; x >= -op.window && x <= op.window {
			g[i] += dy
		}
	}
}
