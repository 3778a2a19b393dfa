package nn

import (
	"fmt"

	"github.com/gradus-ml/gradus/tensor"
)

// windows are the fields that the pooling layers share, rows before columns.
type windows struct{ kernel, stride, padding [2]int }

// over returns the pooling of images [batch, channels, height, width].
func (w windows) over(batch, channels, height, width int) tensor.Pooling {
	return tensor.Pooling{
		Batch: batch, Channels: channels, Height: height, Width: width,
		KernelH: w.kernel[0], KernelW: w.kernel[1],
		StrideH: w.stride[0], StrideW: w.stride[1],
		PadH: w.padding[0], PadW: w.padding[1],
	}
}

// validate reports windows that no image has.
func (w windows) validate(layer string) error {
	for axis := range 2 {
		if err := checkRange(layer, "kernel", w.kernel[axis], 1); err != nil {
			return err
		}
		if err := checkRange(layer, "stride", w.stride[axis], 1); err != nil {
			return err
		}
	}
	if err := w.over(1, 1, w.kernel[0], w.kernel[1]).Validate(); err != nil {
		return fmt.Errorf("%s: %w", layer, err)
	}
	return nil
}

// outputShape returns the shape of the result for one example.
func (w windows) outputShape(layer string, input []int) ([]int, error) {
	if len(input) != 3 {
		return nil, fmt.Errorf("%s: input of shape %v, want [channels, height, width]", layer, input)
	}
	g := w.over(1, input[0], input[1], input[2])
	if err := g.Validate(); err != nil {
		return nil, fmt.Errorf("%s: input of shape %v: %w", layer, input, err)
	}
	return []int{input[0], g.OutHeight(), g.OutWidth()}, nil
}

// batch returns the pooling of a batch and the shape of its result. It panics
// if the batch does not fit.
func (w windows) batch(op string, x []int) (tensor.Pooling, [4]int) {
	if len(x) != 4 {
		panic(tensor.Mismatch(op, "[batch channels height width]", x))
	}
	g := w.over(x[0], x[1], x[2], x[3])
	if err := g.Validate(); err != nil {
		panic(tensor.Mismatch(op, err.Error(), x))
	}
	return g, [4]int{x[0], x[1], g.OutHeight(), g.OutWidth()}
}
