package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// AvgPool2D takes the mean of each window of x [batch, channels, height,
// width].
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

func (l *AvgPool2D[F]) windows() pooling {
	return pooling{"avgpool2d", l.Kernel, l.Stride, l.Padding}
}

// Validate reports windows that no image has.
func (l *AvgPool2D[F]) Validate() error { return l.windows().validate() }

// OutputShape is [channels, height', width'], sides of
// ⌊(side + 2·padding − kernel)/stride⌋ + 1.
func (l *AvgPool2D[F]) OutputShape(input []int) ([]int, error) {
	return l.windows().outputShape(input)
}

// Forward returns the means.
func (l *AvgPool2D[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	w := l.windows()
	shape := w.batchShape(x.Shape())
	y := p.Tape.Output(shape[:], x)
	op := avgPool2D[F]{x, y, w, l.ExcludePadding}
	height, width := x.Shape()[2], x.Shape()[3]
	out := 0
	for at := 0; at < len(x.Value.Data); at += height * width {
		for i := range shape[2] {
			for j := range shape[3] {
				top, bottom, left, right, share := op.window(i, j, height, width)
				var sum F
				for r := top; r < bottom; r++ {
					for _, v := range x.Value.Data[at+r*width+left : at+r*width+right] {
						sum += v
					}
				}
				y.Value.Data[out] = sum * share
				out++
			}
		}
	}
	return autodiff.Record(y, op)
}

type avgPool2D[F tensor.Float] struct {
	x, y           *autodiff.Var[F]
	w              pooling
	excludePadding bool
}

// window returns the part of an image under window i, j, and the weight of
// each of its elements.
func (op *avgPool2D[F]) window(i, j, height, width int) (top, bottom, left, right int, share F) {
	top, bottom, _ = op.w.span(0, i, height)
	left, right, _ = op.w.span(1, j, width)
	n := op.w.kernel[0] * op.w.kernel[1]
	if op.excludePadding {
		n = (bottom - top) * (right - left)
	}
	return top, bottom, left, right, F(1 / float64(n))
}

// Pull: dx of each element under a window += dy·its weight.
func (op *avgPool2D[F]) Pull() {
	dx := op.x.Accumulate()
	height, width := op.x.Shape()[2], op.x.Shape()[3]
	rows, columns := op.y.Shape()[2], op.y.Shape()[3]
	out := 0
	for at := 0; at < len(dx); at += height * width {
		for i := range rows {
			for j := range columns {
				top, bottom, left, right, share := op.window(i, j, height, width)
				dy := op.y.Grad.Data[out] * share
				for r := top; r < bottom; r++ {
					row := dx[at+r*width+left : at+r*width+right]
					for k := range row {
						row[k] += dy
					}
				}
				out++
			}
		}
	}
}
