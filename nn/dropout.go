package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Dropout sets each element to 0 with probability Rate while training, and
// multiplies the others by 1/(1−Rate), so that the mean stays. Where the pass
// does not train it is the identity. It draws from the pass's Rand.
//
// Source: Srivastava et al. 2014, in its inverted form.
type Dropout[F tensor.Float] struct {
	elementwise
	Rate float64 // in [0, 1)
}

// NewDropout returns the layer. It panics unless the rate is in [0, 1).
func NewDropout[F tensor.Float](rate float64) Dropout[F] {
	l := Dropout[F]{Rate: rate}
	must("nn.NewDropout", l.Validate())
	return l
}

// Validate reports a rate outside [0, 1).
func (l Dropout[F]) Validate() error {
	if !(l.Rate >= 0 && l.Rate < 1) {
		return fmt.Errorf("dropout: rate %v: want one in [0, 1)", l.Rate)
	}
	return nil
}

// Forward returns x times the mask, or x itself where nothing is dropped. It
// panics if the pass trains without a Rand.
func (l Dropout[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	if !p.Train || l.Rate == 0 {
		return x
	}
	if p.Rand == nil {
		panic("nn.Dropout: the pass trains but has no Rand to draw masks from")
	}
	y := p.Tape.Output(x.Shape(), x)
	mask := p.Tape.Scratch(len(x.Value.Data))
	drawMask(mask, p.Rand, l.Rate)
	simd.Mul(y.Value.Data, x.Value.Data, mask)
	return autodiff.Record(y, dropout[F]{x, y, mask})
}

// drawMask sets each element to 0 with the probability rate, rounded to a
// multiple of 2⁻³², and otherwise to 1/(1−rate). One draw serves two elements.
func drawMask[F tensor.Float](mask []F, rng *rand.Rand, rate float64) {
	threshold := uint64(math.Round(rate * (1 << 32)))
	keep := F(1 / (1 - rate))
	var bits uint64
	for i := range mask {
		if i%2 == 0 {
			bits = rng.Uint64()
		}
		mask[i] = keep
		if bits&math.MaxUint32 < threshold {
			mask[i] = 0
		}
		bits >>= 32
	}
}

type dropout[F tensor.Float] struct {
	x, y *autodiff.Var[F]
	mask []F
}

// Pull: dx += dy·mask.
func (op *dropout[F]) Pull() {
	if dx, first := op.x.Contribute(); first {
		simd.Mul(dx, op.y.Grad.Data, op.mask)
	} else {
		simd.AddMul(dx, op.y.Grad.Data, op.mask)
	}
}
