package nn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/tensor"
)

// Parse makes a classifier from a line of text: layers that take examples of
// the input shape and end in a Linear to the number of classes, parameters
// drawn as their constructors draw them. The text is one of
//
//	linear              one Linear
//	mlp:512,256         hidden Linear layers of these widths, each with ReLU
//	cnn:32,64/128       for each width before the slash a 3×3 convolution that
//	                    keeps the size, ReLU and 2×2 max pooling; then hidden
//	                    Linear layers as in mlp; the part from the slash on
//	                    may be left out
//
// in which 256x50 stands for 50 times the width 256; followed by any of these,
// each after a semicolon:
//
//	act=gelu            relu, leakyrelu, gelu, silu, tanh, sigmoid or softplus
//	bn                  BatchNorm before each activation
//	dropout=0.1         Dropout after each hidden Linear's activation
//
// For linear and mlp, examples that are not vectors are flattened first. For
// cnn, [height, width] is read as one channel, and a vector whose length is a
// square as a square image of one channel. What is wrong with the text is a
// [*SpecError]; an input or a number of classes that no model can have is
// another error.
func Parse[F tensor.Float](spec string, input []int, classes int, rng *rand.Rand) (Sequential[F], error) {
	if _, err := checkedSize("nn.Parse: input", input); err != nil {
		return nil, err
	}
	if classes < 1 || classes >= maxSize {
		return nil, fmt.Errorf("nn.Parse: %d classes: want a number from 1 to %d", classes, maxSize-1)
	}
	plan, err := readSpec(spec)
	if err != nil {
		return nil, err
	}
	b := specBuilder[F]{plan: plan, shape: slices.Clone(input), rng: rng}
	if err := b.build(classes); err != nil {
		return nil, err
	}
	return b.model, nil
}

type specBuilder[F tensor.Float] struct {
	plan     plan
	model    Sequential[F]
	shape    []int // of an example after the last layer of model
	elements int   // of all parameters so far
	rng      *rand.Rand
}

func (b *specBuilder[F]) build(classes int) error {
	if b.plan.kind == "cnn" {
		if err := b.image(); err != nil {
			return err
		}
	}
	for _, filters := range b.plan.filters {
		if err := b.convolution(filters); err != nil {
			return err
		}
	}
	if len(b.shape) != 1 {
		b.model = append(b.model, Flatten[F]{})
		b.shape = []int{tensor.Size(b.shape)}
	}
	for _, hidden := range b.plan.hidden {
		if err := b.linear(hidden); err != nil {
			return err
		}
		b.activation()
		if b.plan.dropout > 0 {
			b.model = append(b.model, NewDropout[F](b.plan.dropout))
		}
	}
	return b.linear(width{classes, len(b.plan.spec)})
}

// image makes the examples [channels, height, width].
func (b *specBuilder[F]) image() error {
	switch len(b.shape) {
	case 3:
		return nil
	case 2:
		b.shape = []int{1, b.shape[0], b.shape[1]}
	case 1:
		side := int(math.Round(math.Sqrt(float64(b.shape[0]))))
		if side*side != b.shape[0] {
			return b.plan.errorf(0, "a cnn on vectors of %d elements, which is no square: want images", b.shape[0])
		}
		b.shape = []int{1, side, side}
	default:
		return b.plan.errorf(0, "a cnn on examples of shape %v: want [height width] or [channels height width]", b.shape)
	}
	b.model = append(b.model, NewReshape[F](b.shape...))
	return nil
}

func (b *specBuilder[F]) convolution(filters width) error {
	channels, high, wide := b.shape[0], b.shape[1], b.shape[2]
	if high < 2 || wide < 2 {
		return b.plan.errorf(filters.offset, "nothing is left to pool: the image is %d×%d here", high, wide)
	}
	if err := b.spend(filters, 9*channels+1); err != nil {
		return err
	}
	b.model = append(b.model, NewConv2D[F](channels, filters.n, 3, 1, 1, b.rng))
	b.shape = []int{filters.n, high, wide}
	b.activation()
	b.model = append(b.model, NewMaxPool2D[F](2))
	b.shape = []int{filters.n, high / 2, wide / 2}
	return nil
}

func (b *specBuilder[F]) linear(out width) error {
	if err := b.spend(out, b.shape[0]+1); err != nil {
		return err
	}
	b.model = append(b.model, NewLinear[F](b.shape[0], out.n, b.rng))
	b.shape = []int{out.n}
	return nil
}

func (b *specBuilder[F]) activation() {
	if b.plan.batchNorm {
		b.model = append(b.model, NewBatchNorm[F](b.shape[0]))
	}
	b.model = append(b.model, activationNamed[F](b.plan.activation))
}

// spend refuses a layer of n rows of the given length where the model would
// grow beyond what Build could read back.
func (b *specBuilder[F]) spend(rows width, length int) error {
	if length > (MaxElements-b.elements)/rows.n {
		return b.plan.errorf(rows.offset, "a layer of %d×%d weights: a model may have %d parameters in all", rows.n, length, MaxElements)
	}
	b.elements += rows.n * length
	return nil
}

// activationNamed returns the layer of a name in activationNames.
func activationNamed[F tensor.Float](name string) Layer[F] {
	switch name {
	case "relu":
		return ReLU[F]{}
	case "leakyrelu":
		return LeakyReLU[F]{Slope: 0.01}
	case "gelu":
		return GELU[F]{}
	case "silu":
		return SiLU[F]{}
	case "tanh":
		return Tanh[F]{}
	case "sigmoid":
		return Sigmoid[F]{}
	case "softplus":
		return Softplus[F]{}
	}
	return nil
}
