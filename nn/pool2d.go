package nn

import (
	"fmt"

	"github.com/gradus-ml/gradus/tensor"
)

// pooling is what the pooling layers share: windows of [batch, channels,
// height, width].
type pooling struct {
	layer                   string
	kernel, stride, padding [2]int // rows, columns
}

// validate wants windows that always hold an element of the image.
func (w pooling) validate() error {
	for axis := range 2 {
		if err := checkRange(w.layer, "kernel", w.kernel[axis], 1); err != nil {
			return err
		}
		if err := checkRange(w.layer, "stride", w.stride[axis], 1); err != nil {
			return err
		}
		if w.padding[axis] < 0 || w.padding[axis] > w.kernel[axis]/2 {
			return fmt.Errorf("%s: padding of %d: want 0 to %d, half the kernel", w.layer, w.padding[axis], w.kernel[axis]/2)
		}
	}
	if w.kernel[0]*w.kernel[1] >= maxSize { // a place in it must be exact as a float32
		return fmt.Errorf("%s: kernel %v: want fewer than %d elements", w.layer, w.kernel, maxSize)
	}
	return nil
}

// outputShape returns the shape of the result for an input of
// [channels, height, width].
func (w pooling) outputShape(input []int) ([]int, error) {
	if len(input) != 3 {
		return nil, fmt.Errorf("%s: input of shape %v, want [channels height width]", w.layer, input)
	}
	out := []int{input[0], 0, 0}
	for axis := range 2 {
		if out[1+axis] = w.count(axis, input[1+axis]); out[1+axis] < 1 {
			return nil, fmt.Errorf("%s: input of shape %v is smaller than the kernel %v with padding %v", w.layer, input, w.kernel, w.padding)
		}
	}
	return out, nil
}

// count is how many windows fit along an axis of n elements.
func (w pooling) count(axis, n int) int {
	room := n + 2*w.padding[axis] - w.kernel[axis]
	if room < 0 {
		return 0
	}
	return room/w.stride[axis] + 1
}

// batchShape returns the shape of the result for a batch, or panics.
func (w pooling) batchShape(x []int) [4]int {
	if len(x) != 4 || w.count(0, x[2]) < 1 || w.count(1, x[3]) < 1 {
		panic(tensor.Mismatch("nn."+w.layer, "[batch channels height width], no smaller than the kernel", x, w.kernel[:]))
	}
	return [4]int{x[0], x[1], w.count(0, x[2]), w.count(1, x[3])}
}

// span returns the part [lo, hi) of the image, n long, under window i, and
// where the window itself begins, which may be negative.
func (w pooling) span(axis, i, n int) (lo, hi, begin int) {
	begin = i*w.stride[axis] - w.padding[axis]
	return max(begin, 0), min(begin+w.kernel[axis], n), begin
}
