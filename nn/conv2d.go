package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Conv2D slides its filters over images: x [batch, channels, height, width]
// becomes [batch, out, height', width'], as PyTorch's Conv2d does. Output
// rows number ⌊(height + 2·padding − dilation·(kernel−1) − 1)/stride⌋ + 1.
type Conv2D[F tensor.Float] struct {
	Weight   *Param[F] // [out, channels/groups, kernel height, kernel width]
	Bias     *Param[F] // [out], or nil for none
	Stride   [2]int    // of rows and of columns, as are the next two
	Padding  [2]int    // zeros on each side
	Dilation [2]int    // distance between neighbouring taps
	Groups   int       // each reads and writes its own part of the channels
}

// NewConv2D returns a layer of square filters that read every channel, dilated
// by 1, with weights and biases drawn from the uniform distribution on
// ±1/√(channels·kernel²), PyTorch's default. For another dilation or no bias
// set the field. It panics if a size or stride is not positive or the padding
// is negative.
func NewConv2D[F tensor.Float](channels, out, kernel, stride, padding int, rng *rand.Rand) *Conv2D[F] {
	return NewGroupedConv2D[F](channels, out, kernel, stride, padding, 1, rng)
}

// NewGroupedConv2D is [NewConv2D] for channels and filters in groups, each
// filter reading the channels/groups of its own group. It panics if groups
// does not divide both.
func NewGroupedConv2D[F tensor.Float](channels, out, kernel, stride, padding, groups int, rng *rand.Rand) *Conv2D[F] {
	mustBePositive("nn.NewConv2D", channels, out, kernel, stride, groups)
	if channels%groups != 0 {
		panic(fmt.Sprintf("nn.NewConv2D: %d channels in %d groups: want a divisor", channels, groups))
	}
	l := &Conv2D[F]{
		Weight:   NewParam[F](out, channels/groups, kernel, kernel),
		Bias:     NewParam[F](out),
		Stride:   [2]int{stride, stride},
		Padding:  [2]int{padding, padding},
		Dilation: [2]int{1, 1},
		Groups:   groups,
	}
	must("nn.NewConv2D", l.Validate())
	bound := 1 / math.Sqrt(float64(channels/groups*kernel*kernel))
	tensor.Uniform(l.Weight.Value, rng, -bound, bound)
	tensor.Uniform(l.Bias.Value, rng, -bound, bound)
	return l
}

// Validate reports fields that do not fit together.
func (l *Conv2D[F]) Validate() error {
	if err := checkShape("conv2d", "weight", l.Weight, "out", "channels/groups", "kernel height", "kernel width"); err != nil {
		return err
	}
	for _, n := range l.Weight.Value.Shape {
		if err := checkRange("conv2d", "weight dimension", n, 1); err != nil {
			return err
		}
	}
	if err := checkRange("conv2d", "groups", l.Groups, 1); err != nil {
		return err
	}
	// The smallest image that holds the kernel: whether a larger one fits is
	// for OutputShape to say.
	g := l.geometry(1, 1, 1)
	g.Height, g.Width = g.DilationH*(g.KernelH-1)+1, g.DilationW*(g.KernelW-1)+1
	if err := g.Validate(); err != nil {
		return fmt.Errorf("conv2d: %w", err)
	}
	return checkOptional("conv2d", "bias", l.Bias, g.OutChannels)
}

func (l *Conv2D[F]) geometry(batch, height, width int) tensor.ConvGeometry {
	w := l.Weight.Value.Shape
	return tensor.ConvGeometry{
		Batch: batch, InChannels: w[1] * l.Groups, Height: height, Width: width,
		OutChannels: w[0], KernelH: w[2], KernelW: w[3],
		StrideH: l.Stride[0], StrideW: l.Stride[1],
		PadH: l.Padding[0], PadW: l.Padding[1],
		DilationH: l.Dilation[0], DilationW: l.Dilation[1],
		Groups: l.Groups,
	}
}

// Forward returns the convolution of x.
func (l *Conv2D[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	xs := x.Shape()
	if len(xs) != 4 || xs[1] != l.Weight.Value.Shape[1]*l.Groups {
		panic(tensor.Mismatch("nn.Conv2D", "x [batch channels height width] and weight [out channels/groups height width]", xs, l.Weight.Value.Shape))
	}
	g := l.geometry(xs[0], xs[2], xs[3])
	if err := g.Validate(); err != nil {
		panic(tensor.Mismatch("nn.Conv2D", err.Error(), xs, l.Weight.Value.Shape))
	}
	weight, bias := p.Use(l.Weight), p.Use(l.Bias)
	inputs := [3]*autodiff.Var[F]{x, weight, bias}
	n, b := 2, []F(nil)
	if bias != nil {
		n, b = 3, bias.Value.Data
	}
	shape := [4]int{g.Batch, g.OutChannels, g.OutHeight(), g.OutWidth()}
	y := p.Tape.Output(shape[:], inputs[:n]...)
	tensor.Conv2D(y.Value, x.Value, weight.Value, b, g)
	return autodiff.Record(y, conv2D[F]{x: x, weight: weight, bias: bias, y: y, g: g})
}

// OutputShape is [out, height', width'] for an input of
// [channels, height, width].
func (l *Conv2D[F]) OutputShape(input []int) ([]int, error) {
	if channels := l.Weight.Value.Shape[1] * l.Groups; len(input) != 3 || input[0] != channels {
		return nil, fmt.Errorf("conv2d: input of shape %v, want [%d, height, width]", input, channels)
	}
	g := l.geometry(1, input[1], input[2])
	if err := g.Validate(); err != nil {
		return nil, fmt.Errorf("conv2d: input of shape %v: %w", input, err)
	}
	return []int{g.OutChannels, g.OutHeight(), g.OutWidth()}, nil
}

type conv2D[F tensor.Float] struct {
	x, weight, bias, y *autodiff.Var[F]
	g                  tensor.ConvGeometry
	db                 []F
}

// Pull: dx, dW += the two adjoints of the convolution at dy; db += Σ over batch
// and positions of dy.
func (op *conv2D[F]) Pull() {
	if _, first := op.x.Contribute(); op.x.Wanted() {
		tensor.Conv2DInputGradient(op.x.Grad, op.y.Grad, op.weight.Value, op.g, !first)
	}
	if _, first := op.weight.Contribute(); op.weight.Wanted() {
		tensor.Conv2DWeightGradient(op.weight.Grad, op.y.Grad, op.x.Value, op.g, !first)
	}
	if op.bias != nil && op.bias.Wanted() {
		op.db = op.bias.Accumulate()
		parallel.Run(parallel.Blocks(len(op.db), biasChannels), op)
	}
}

// biasChannels is how many channels one task sums, as they lie one after the
// other in each image.
const biasChannels = 8

// Block adds some channels of dy to db.
func (op *conv2D[F]) Block(i int) {
	area := op.g.OutHeight() * op.g.OutWidth()
	lo, hi := parallel.Span(i, biasChannels, len(op.db))
	var sums [biasChannels]float64
	for at := lo * area; at < len(op.y.Grad.Data); at += len(op.db) * area {
		for c := range hi - lo {
			sums[c] += simd.Sum(op.y.Grad.Data[at+c*area:][:area])
		}
	}
	for c, sum := range sums[:hi-lo] {
		op.db[lo+c] += F(sum)
	}
}
