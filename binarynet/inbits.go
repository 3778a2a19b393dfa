package binarynet

import (
	"fmt"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// InBits returns the [Packed] form of a network that predicts by the signs of
// its weights and that [Pack] takes, and any other network itself.
func InBits(model nn.Layer[float32]) nn.Layer[float32] {
	layers, ok := model.(nn.Sequential[float32])
	if !ok {
		return model
	}
	for l := range Layers[float32](model) {
		if l.Predict != Sign {
			return model
		}
	}
	packed, err := Pack(layers)
	if err != nil {
		return model
	}
	return packed
}

// OutputShape is [classes], for an example of the network's number of elements.
func (p *Packed) OutputShape(input []int) ([]int, error) {
	if tensor.Size(input) != p.in {
		return nil, fmt.Errorf("packed: input of shape %v: want %d elements", input, p.in)
	}
	return []int{p.out.Rows()}, nil
}

// Forward is [Packed.Logits] on a tape, so that a Packed stands where a model
// predicts. It has no gradient. It panics with a [*tensor.ShapeError] if x does
// not fit.
func (p *Packed) Forward(pass *nn.Pass[float32], x *autodiff.Var[float32]) *autodiff.Var[float32] {
	logits, err := p.Logits(x.Value)
	if err != nil {
		panic(tensor.Mismatch("binarynet.Packed", fmt.Sprintf("[batch …] of %d elements", p.in), x.Shape()))
	}
	return pass.Tape.Constant(logits)
}
