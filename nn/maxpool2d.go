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

func (l *MaxPool2D[F]) windows() pooling {
	return pooling{"maxpool2d", l.Kernel, l.Stride, l.Padding}
}

// Validate reports windows that no image has.
func (l *MaxPool2D[F]) Validate() error { return l.windows().validate() }

// OutputShape is [channels, height', width'], sides of
// ⌊(side + 2·padding − kernel)/stride⌋ + 1.
func (l *MaxPool2D[F]) OutputShape(input []int) ([]int, error) {
	return l.windows().outputShape(input)
}

// Forward returns the maxima.
func (l *MaxPool2D[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	w := l.windows()
	shape := w.batchShape(x.Shape())
	y := p.Tape.Output(shape[:], x)
	winners := p.Tape.Scratch(len(y.Value.Data))
	op := maxPool2D[F]{x, y, winners, w}
	height, width := x.Shape()[2], x.Shape()[3]
	out := 0
	for at := 0; at < len(x.Value.Data); at += height * width {
		image := x.Value.Data[at : at+height*width]
		for i := range shape[2] {
			for j := range shape[3] {
				y.Value.Data[out], winners[out] = op.best(image, height, width, i, j)
				out++
			}
		}
	}
	return autodiff.Record(y, op)
}

type maxPool2D[F tensor.Float] struct {
	x, y    *autodiff.Var[F]
	winners []F // the maximum's place in its window, row by row
	w       pooling
}

// best returns the maximum of window i, j of an image, and its place.
func (op *maxPool2D[F]) best(image []F, height, width, i, j int) (best, place F) {
	top, bottom, row0 := op.w.span(0, i, height)
	left, right, column0 := op.w.span(1, j, width)
	best = image[top*width+left]
	where := (top-row0)*op.w.kernel[1] + left - column0
	for r := top; r < bottom; r++ {
		for c := left; c < right; c++ {
			if v := image[r*width+c]; v > best || v != v && best == best {
				best, where = v, (r-row0)*op.w.kernel[1]+c-column0
			}
		}
	}
	return best, F(where)
}

// Pull: dx of each window's maximum += dy.
func (op *maxPool2D[F]) Pull() {
	dx := op.x.Accumulate()
	height, width := op.x.Shape()[2], op.x.Shape()[3]
	rows, columns := op.y.Shape()[2], op.y.Shape()[3]
	out := 0
	for at := 0; at < len(dx); at += height * width {
		for i := range rows {
			for j := range columns {
				place := int(op.winners[out])
				_, _, row0 := op.w.span(0, i, height)
				_, _, column0 := op.w.span(1, j, width)
				r, c := row0+place/op.w.kernel[1], column0+place%op.w.kernel[1]
				dx[at+r*width+c] += op.y.Grad.Data[out]
				out++
			}
		}
	}
}
