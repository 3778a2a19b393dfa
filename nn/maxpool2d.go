package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// MaxPool2D takes the maximum of each window of x [batch, channels, height,
// width]. Padding never wins. Of equal elements the first gets the gradient;
// NaN wins over all numbers.
type MaxPool2D[F tensor.Float] struct {
	Kernel, Stride, Padding [2]int // of rows and of columns; Padding ≤ Kernel/2
}

// NewMaxPool2D returns square windows side by side: a stride of the kernel's
// size and no padding. It panics unless kernel is positive.
func NewMaxPool2D[F tensor.Float](kernel int) *MaxPool2D[F] {
	mustBePositive("nn.NewMaxPool2D", kernel)
	return &MaxPool2D[F]{Kernel: [2]int{kernel, kernel}, Stride: [2]int{kernel, kernel}}
}

func (l *MaxPool2D[F]) windows() windows { return windows{l.Kernel, l.Stride, l.Padding} }

// Validate reports windows that no image has.
func (l *MaxPool2D[F]) Validate() error { return l.windows().validate("maxpool2d") }

// OutputShape is [channels, height', width'], sides of
// ⌊(side + 2·padding − kernel)/stride⌋ + 1.
func (l *MaxPool2D[F]) OutputShape(input []int) ([]int, error) {
	return l.windows().outputShape("maxpool2d", input)
}

// Forward returns the maxima.
func (l *MaxPool2D[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	g, shape := l.windows().batch("nn.MaxPool2D", x.Shape())
	y := p.Tape.Output(shape[:], x)
	var index []int32
	if x.Wanted() {
		index = p.Tape.Indices(len(y.Value.Data))
	}
	tensor.MaxPool2D(y.Value, index, x.Value, g)
	return autodiff.Record(y, maxPool2D[F]{x, y, index, g})
}

type maxPool2D[F tensor.Float] struct {
	x, y  *autodiff.Var[F]
	index []int32 // of each maximum in its plane
	g     tensor.Pooling
}

// Pull: dx of each window's maximum += dy.
func (op *maxPool2D[F]) Pull() {
	_, first := op.x.Contribute()
	tensor.MaxPool2DPull(op.x.Grad, op.y.Grad, op.index, op.g, !first)
}
