package binarynet

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Packed is a network of ±1 weights and ±1 activations, one bit each, ready to
// predict: products of ±1 are exclusive ors, and their sum is a count of bits.
// The normalisation and the threshold behind a layer are one comparison of that
// count, found once in float64. It is safe for concurrent use.
type Packed struct {
	in      int
	hidden  []*simd.BitRows // an output is +1 where at most so many bits differ
	out     *simd.BitRows
	scale   []float32 // logits = shift + scale·(differing bits of the last layer)
	shift   []float32
	scratch sync.Pool // of *packedScratch
}

// Pack returns the network that a model is under the map [Sign], weights and
// activations in bits. The model is
//
//	Threshold, Linear, BatchNorm, …, Threshold, Linear[, BatchNorm]
//
// as [NewMLP] makes with Bits set, after a Flatten or not: every Linear between the first and the last
// is followed by a BatchNorm and a Threshold, and weights are ±1. Anything else
// is an error that names the layer. Predictions are those of the model in its
// running statistics, but for the rounding of float32 at a threshold.
func Pack(model nn.Sequential[float32]) (*Packed, error) {
	p := &Packed{}
	i := 0
	if len(model) > 0 && isFlatten(model[0]) {
		i++ // the same numbers in the same order
	}
	for i < len(model) {
		if _, ok := model[i].(Threshold[float32]); !ok {
			return nil, fmt.Errorf("binarynet: layer %d is a %s: want a threshold before each linear layer", i, nn.KindOf(model[i]))
		}
		if i+1 == len(model) {
			return nil, fmt.Errorf("binarynet: the model ends in a threshold: want a linear layer after it")
		}
		l, ok := model[i+1].(*Linear[float32])
		if !ok || l.Unsigned {
			return nil, fmt.Errorf("binarynet: layer %d is a %s: want one of binary weights ±1 after the threshold", i+1, nn.KindOf(model[i+1]))
		}
		var norm *nn.BatchNorm[float32]
		if i += 2; i < len(model) {
			if norm, ok = model[i].(*nn.BatchNorm[float32]); !ok {
				return nil, fmt.Errorf("binarynet: layer %d is a %s: want a batchnorm, or the end", i, nn.KindOf(model[i]))
			}
			i++
		}
		if err := p.add(l, norm, i == len(model)); err != nil {
			return nil, fmt.Errorf("binarynet: layer %d: %w", i-1, err)
		}
	}
	if p.out == nil {
		return nil, fmt.Errorf("binarynet: an empty model")
	}
	return p, nil
}

func isFlatten(layer nn.Layer[float32]) bool {
	_, ok := layer.(nn.Flatten[float32])
	return ok
}

// add packs one layer with the affine map a·s + b behind its product s of ±1.
func (p *Packed) add(l *Linear[float32], norm *nn.BatchNorm[float32], last bool) error {
	shape := l.Probability.Value.Shape
	out, in := shape[0], shape[1]
	if out < 1 || in < 1 {
		return fmt.Errorf("weights of shape %v: want at least one input and one output", shape)
	}
	if p.in == 0 {
		p.in = in
	} else if before := p.hidden[len(p.hidden)-1].Rows(); in != before {
		return fmt.Errorf("%d inputs, where the layer before has %d outputs", in, before)
	}
	a, b := make([]float64, out), make([]float64, out)
	for j := range out {
		a[j], b[j] = affine(l.Scale, norm, j)
		if math.IsNaN(a[j]) || math.IsInf(a[j], 0) || math.IsNaN(b[j]) || math.IsInf(b[j], 0) {
			return fmt.Errorf("output %d is normalised by numbers that are not finite", j)
		}
	}
	layer := simd.NewBitRows(out, in)
	if last {
		fill(layer, l.Probability.Value, func(int) bool { return false })
		p.out = layer
		for j := range out {
			// The product is in − 2·(differing bits).
			p.scale, p.shift = append(p.scale, float32(-2*a[j])), append(p.shift, float32(b[j]+a[j]*float64(in)))
		}
		return nil
	}
	// a·s + b ≥ 0 with a < 0 is |a|·(−s) + b ≥ 0, where −s has the opposite
	// weights: the comparison then always points one way.
	fill(layer, l.Probability.Value, func(j int) bool { return a[j] < 0 })
	for j := range out {
		switch {
		case a[j] == 0 && b[j] >= 0:
			layer.SetLimit(j, int64(in))
		case a[j] != 0:
			layer.SetLimit(j, limit(float64(in), math.Abs(a[j]), b[j]))
		}
	}
	p.hidden = append(p.hidden, layer)
	return nil
}

// limit returns the most differing bits c in [−1, in] with a·(in − 2c) + b ≥ 0,
// a > 0.
func limit(in, a, b float64) int64 {
	return int64(math.Floor(min(max((in+b/a)/2, -1), in)))
}

// affine returns the map a·s + b of output j: the scale of the weights, and the
// running statistics.
func affine(scale float64, norm *nn.BatchNorm[float32], j int) (a, b float64) {
	if norm == nil {
		return scale, 0
	}
	a = 1 / math.Sqrt(float64(norm.RunningVar.Value.Data[j])+norm.Epsilon)
	if norm.Weight != nil {
		a *= float64(norm.Weight.Value.Data[j])
	}
	b = -a * float64(norm.RunningMean.Value.Data[j])
	if norm.Bias != nil {
		b += float64(norm.Bias.Value.Data[j])
	}
	return a * scale, b
}

// fill sets the bits of the weights that are +1, or −1 for rows that are to be
// negated.
func fill(layer *simd.BitRows, probability *tensor.Tensor[float32], negate func(j int) bool) {
	out, in := probability.Shape[0], probability.Shape[1]
	for j := range out {
		for i, v := range probability.Data[j*in : (j+1)*in] {
			if (v >= 0.5) != negate(j) {
				layer.SetBit(j, i)
			}
		}
	}
}

// rowsOfTask is how many examples one processor takes at a time.
const rowsOfTask = 32

// Logits returns what the network says of x [n, …], [n, classes]. It returns an
// error if examples have not the network's number of elements.
func (p *Packed) Logits(x *tensor.Tensor[float32]) (*tensor.Tensor[float32], error) {
	if len(x.Shape) < 2 || len(x.Data) != x.Shape[0]*p.in {
		return nil, fmt.Errorf("binarynet: input of shape %v: want [n %d], or as many elements an example", x.Shape, p.in)
	}
	y := tensor.New[float32](x.Shape[0], p.out.Rows())
	parallel.Run(parallel.Blocks(x.Shape[0], rowsOfTask), &packedRun{p, x, y})
	return y, nil
}

// packedRun is one call of Logits.
type packedRun struct {
	*Packed
	x, y *tensor.Tensor[float32]
}

// Block predicts a range of examples.
func (r *packedRun) Block(i int) {
	s, _ := r.scratch.Get().(*packedScratch)
	if s == nil {
		s = &packedScratch{}
	}
	defer r.scratch.Put(s)
	lo, hi := parallel.Span(i, rowsOfTask, r.x.Shape[0])
	r.predict(r.y.Data[lo*r.out.Rows():hi*r.out.Rows()], r.x.Data[lo*r.in:hi*r.in], hi-lo, s)
}

// packedScratch is the working memory of one processor.
type packedScratch struct {
	bits, next []uint64 // the activations of the layer at hand, and of the next
	counts     []uint64
	rows       simd.BitScratch
}

// predict computes the logits y of n examples x.
func (p *Packed) predict(y, x []float32, n int, s *packedScratch) {
	words := (p.in + 63) / 64
	s.bits = resize(s.bits, n*words)
	for i := range n {
		simd.BitsOf(s.bits[i*words:(i+1)*words], x[i*p.in:(i+1)*p.in], 0)
	}
	for _, l := range p.hidden {
		s.next = resize(s.next, n*l.OutWords())
		l.AtMost(s.next, s.bits, &s.rows)
		s.bits, s.next = s.next, s.bits
	}
	s.counts = resize(s.counts, len(y))
	p.out.Differences(s.counts, s.bits, &s.rows)
	for i, c := range s.counts {
		j := i % p.out.Rows()
		y[i] = p.shift[j] + p.scale[j]*float32(c)
	}
}

func resize(x []uint64, n int) []uint64 { return slices.Grow(x[:0], n)[:n] }
