package binarynet

import (
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Options say what a network of [NewMLP] is made of.
type Options struct {
	Train string // the map from probabilities to weights while training: Mean, Sample or Sign

	// Bits makes the activations, the input's too, signs, so that [Pack] can
	// take the network; otherwise they are ReLU.
	Bits bool
}

// NewMLP returns a network of binary linear layers of the given sizes, at least
// two of them, each with a batch normalisation behind it. It trains like any
// other, for instance by train.Fit, with the parameters of [Group] on mirror
// steps and the others on steps of their own.
func NewMLP[F tensor.Float](sizes []int, o Options, rng *rand.Rand) nn.Sequential[F] {
	if len(sizes) < 2 {
		panic(fmt.Sprintf("binarynet.NewMLP: sizes %v: want at least two", sizes))
	}
	var model nn.Sequential[F]
	for i, in := range sizes[:len(sizes)-1] {
		if o.Bits {
			model = append(model, Threshold[F]{Window: 1})
		} else if i > 0 {
			model = append(model, nn.ReLU[F]{})
		}
		model = append(model, NewLinear[F](in, sizes[i+1], o.Train, rng), nn.NewBatchNorm[F](sizes[i+1]))
	}
	return model
}

// Kinds returns a value of each kind of layer of this package, for
// modelfile.Load.
func Kinds() []nn.Layer[float32] {
	return []nn.Layer[float32]{&Linear[float32]{}, Threshold[float32]{}}
}
