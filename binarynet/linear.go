package binarynet

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// The maps from a probability x to the weight that is used, written for values
// ±1.
const (
	Mean   = "mean"   // 2x − 1, the expectation
	Sample = "sample" // +1 with probability x, drawn anew for each batch from the pass's Rand
	Sign   = "sign"   // +1 if x ≥ ½ else −1, the likeliest
)

// Linear is y = Scale·x·Wᵀ of x [batch, in] to [batch, out], where every weight
// is one of two values: −1 and +1, or 0 and 1. What is trained is the
// probability of the upper value. Whatever the map from probability to weight,
// the pullback is that of the mean: with Mean this is the exact gradient, with
// Sample and Sign it is the straight-through estimator.
//
// Probability goes with the step of [Group]; it needs no bias where a
// normalisation follows.
// Source: docs/mirror-descent.md; Shekhovtsov and Yanush 2021.
type Linear[F tensor.Float] struct {
	Probability *nn.Param[F] // [out, in], of the upper value, in [0, 1]

	Unsigned bool    // the values are 0 and 1 instead of −1 and +1
	Scale    float64 // positive; New sets 1/√in, which keeps the variance

	Train, Predict string // the map while the pass trains, and while it does not
}

// NewLinear returns a layer of ±1 that trains with the given map and predicts
// with Sign. Its logits are drawn from N(0, 1/4), so that weights begin
// undecided. It panics unless in and out are positive and train is a map.
func NewLinear[F tensor.Float](in, out int, train string, rng *rand.Rand) *Linear[F] {
	if in < 1 || out < 1 {
		panic(fmt.Sprintf("binarynet.NewLinear: %d to %d: want at least 1 of each", in, out))
	}
	l := &Linear[F]{Probability: nn.NewParam[F](out, in), Scale: 1 / math.Sqrt(float64(in)), Train: train, Predict: Sign}
	p := l.Probability.Value
	tensor.Normal(p, rng, 0, 0.5)
	simd.Sigmoid(p.Data, p.Data)
	if err := l.Validate(); err != nil {
		panic("binarynet.NewLinear: " + err.Error())
	}
	return l
}

// Kind keeps the layer apart from [nn.Linear] in files.
func (*Linear[F]) Kind() string { return "binarylinear" }

// Validate reports fields outside their domain.
func (l *Linear[F]) Validate() error {
	if l.Probability == nil || len(l.Probability.Value.Shape) != 2 {
		return fmt.Errorf("binary linear: want probabilities [out in]")
	}
	if !(l.Scale > 0) || math.IsInf(l.Scale, 1) {
		return fmt.Errorf("binary linear: scale %v: want a positive number", l.Scale)
	}
	for _, name := range []string{l.Train, l.Predict} {
		if name != Mean && name != Sample && name != Sign {
			return fmt.Errorf("binary linear: map %q: want %s, %s or %s", name, Mean, Sample, Sign)
		}
	}
	return nil
}

// Forward returns Scale·x·Wᵀ. It panics with a [*tensor.ShapeError] if x does
// not fit, and if weights are to be sampled without a Rand.
func (l *Linear[F]) Forward(p *nn.Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	xs, ps := x.Shape(), l.Probability.Value.Shape
	if len(xs) != 2 || xs[1] != ps[1] {
		panic(tensor.Mismatch("binarynet.Linear", "x [batch in] and probabilities [out in]", xs, ps))
	}
	name := l.Predict
	if p.Train {
		name = l.Train
	}
	probability := p.Use(l.Probability)
	shape := [2]int{xs[0], ps[0]}
	y := p.Tape.Output(shape[:], x, probability)
	weight := p.Tape.Output(ps).Value
	l.weights(weight.Data, name, p.Rand)
	tensor.MatMul(y.Value, x.Value, weight, tensor.Product[F]{TransB: true})
	lo, hi := l.values()
	return autodiff.Record(y, linear[F]{x, probability, y, weight, F(hi - lo)})
}

// values are the lower and the upper value of a weight, times Scale.
func (l *Linear[F]) values() (lo, hi float64) {
	if l.Unsigned {
		return 0, l.Scale
	}
	return -l.Scale, l.Scale
}

// weights writes the weights under a map.
func (l *Linear[F]) weights(dst []F, name string, rng *rand.Rand) {
	p := l.Probability.Value.Data
	low, high := l.values()
	lo, hi := F(low), F(high)
	switch name {
	case Mean:
		middle := F(0.5)
		if l.Unsigned {
			middle = 0
		}
		simd.Standardise(dst, p, middle, hi-lo, 0)
	case Sample:
		if rng == nil {
			panic("binarynet.Linear: the pass has no Rand to sample weights from")
		}
		draw(dst, p, lo, hi, rng)
	case Sign:
		for i, v := range p {
			switch {
			case v >= 0.5:
				dst[i] = hi
			case v < 0.5:
				dst[i] = lo
			default:
				dst[i] = v // NaN
			}
		}
	}
}

// draw writes hi with the probability in p, else lo.
func draw[F tensor.Float](dst, p []F, lo, hi F, rng *rand.Rand) {
	// 32 random bits a weight: probabilities are rounded down to 2⁻³². The bits
	// are a coin that no processor foresees, so nothing branches on it.
	var bits uint64
	for i, v := range p {
		if i%2 == 0 {
			bits = rng.Uint64()
		}
		below := int64(bits&math.MaxUint32) - int64(float64(v)*(1<<32))
		dst[i] = lo + (hi-lo)*F(-(below>>63)) + 0*v // which keeps NaN
		bits >>= 32
	}
}

// OutputShape is [out] for an input of [in].
func (l *Linear[F]) OutputShape(input []int) ([]int, error) {
	shape := l.Probability.Value.Shape
	if len(input) != 1 || input[0] != shape[1] {
		return nil, fmt.Errorf("binary linear: input of shape %v, want [%d]", input, shape[1])
	}
	return []int{shape[0]}, nil
}

type linear[F tensor.Float] struct {
	x, probability, y *autodiff.Var[F]
	weight            *tensor.Tensor[F]
	slope             F // of the mean weight in the probability
}

// Pull: dx += dy·W, dp += slope·dyᵀ·x.
func (op *linear[F]) Pull() {
	if _, first := op.x.Contribute(); op.x.Wanted() {
		tensor.MatMul(op.x.Grad, op.y.Grad, op.weight, tensor.Product[F]{Add: !first})
	}
	if !op.probability.Wanted() {
		return
	}
	g, first := op.probability.Contribute()
	if first {
		tensor.MatMul(op.probability.Grad, op.y.Grad, op.x.Value, tensor.Product[F]{TransA: true})
		simd.Scale(g, g, op.slope)
		return
	}
	// The weights have had their use: their memory takes the product.
	tensor.MatMul(op.weight, op.y.Grad, op.x.Value, tensor.Product[F]{TransA: true})
	simd.AddScaled(g, op.weight.Data, op.slope)
}
