package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// AvgPool2D takes the mean of each window of x [batch, channels, height,
// width]. Padding counts as zeros.
type AvgPool2D[F tensor.Float] struct {
	Kernel, Stride, Padding [2]int // of rows and of columns; Padding ≤ Kernel/2

	// ExcludePadding divides by the number of elements inside the image
	// instead of the kernel's: PyTorch's count_include_pad=False.
	ExcludePadding bool
}

// NewAvgPool2D returns square windows side by side: a stride of the kernel's
// size and no padding. It panics unless kernel is positive.
func NewAvgPool2D[F tensor.Float](kernel int) *AvgPool2D[F] {
	mustBePositive("nn.NewAvgPool2D", kernel)
	return &AvgPool2D[F]{Kernel: [2]int{kernel, kernel}, Stride: [2]int{kernel, kernel}}
}

func (l *AvgPool2D[F]) windows() windows { return windows{l.Kernel, l.Stride, l.Padding} }

// Validate reports windows that no image has.
func (l *AvgPool2D[F]) Validate() error { return l.windows().validate("avgpool2d") }

// OutputShape is [channels, height', width'], sides of
// ⌊(side + 2·padding − kernel)/stride⌋ + 1.
func (l *AvgPool2D[F]) OutputShape(input []int) ([]int, error) {
	return l.windows().outputShape("avgpool2d", input)
}

// Forward returns the means.
func (l *AvgPool2D[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	g, shape := l.windows().batch("nn.AvgPool2D", x.Shape())
	g.ExcludePadding = l.ExcludePadding
	y := p.Tape.Output(shape[:], x)
	tensor.AveragePool2D(y.Value, x.Value, g)
	return autodiff.Record(y, avgPool2D[F]{x, y, g})
}

type avgPool2D[F tensor.Float] struct {
	x, y *autodiff.Var[F]
	g    tensor.Pooling
}

// Pull: dx of each element under a window += dy by its weight in the mean.
func (op *avgPool2D[F]) Pull() {
	_, first := op.x.Contribute()
	tensor.AveragePool2DPull(op.x.Grad, op.y.Grad, op.g, !first)
}
