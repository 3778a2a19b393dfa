package binarynet

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Draws makes a model into networks drawn from it, one after the other, and
// into what it was when the loop ends. In each round every probability is 0 or
// 1, as it was drawn, and layers predict by Sign: it is a network of its own, to
// measure, or to [Pack]. Its normalisations have the statistics of the batches,
// as by [Recalibrate]: a draw moves the mean of every unit whose inputs have
// one, and the statistics of training, which are those of many draws, do not
// know by how much. Without batches they stay as they are.
//
// The model must not be trained in the loop.
func Draws[F tensor.Float](model nn.Layer[F], networks int, batches []*tensor.Tensor[F], rng *rand.Rand) iter.Seq[int] {
	return func(yield func(int) bool) {
		layers := slices.Collect(Layers[F](model))
		probabilities := make([][]F, len(layers))
		for i, l := range layers {
			name, p := l.Predict, slices.Clone(l.Probability.Value.Data)
			probabilities[i] = p
			l.Predict = Sign
			defer func() {
				l.Predict = name
				copy(l.Probability.Value.Data, p)
			}()
		}
		for _, b := range nn.Buffers[F](model) {
			saved := slices.Clone(b.Value.Data)
			defer copy(b.Value.Data, saved)
		}
		for n := range networks {
			for i, l := range layers {
				draw(l.Probability.Value.Data, probabilities[i], 0, 1, rng)
			}
			if len(batches) > 0 {
				recalibrate(model, batches, rng)
			}
			if !yield(n) {
				return
			}
		}
	}
}

// ensembleBatch is how many examples of an ensemble go through a network
// together.
const ensembleBatch = 500

// Ensemble returns the class probabilities of x [n, …], [n, classes], averaged
// over networks drawn from the weights' probabilities by [Draws], softmax first,
// then the mean: what the network says whose weights are known only so far. It
// returns an error unless there is at least one network and one example.
// Source: docs/mirror-descent.md.
func Ensemble[F tensor.Float](model nn.Layer[F], x *tensor.Tensor[F], networks int, batches []*tensor.Tensor[F], rng *rand.Rand) (*tensor.Tensor[F], error) {
	if networks < 1 || rng == nil || x.Shape[0] == 0 {
		return nil, fmt.Errorf("binarynet: an ensemble of %d networks for %d examples: want at least 1 of each, and a source of random numbers", networks, x.Shape[0])
	}
	pass := &nn.Pass[F]{Tape: autodiff.NewTape[F](), Rand: rng}
	var mean *tensor.Tensor[F]
	for range Draws(model, networks, batches, rng) {
		for lo := 0; lo < x.Shape[0]; lo += ensembleBatch {
			hi := min(lo+ensembleBatch, x.Shape[0])
			pass.Tape.Reset()
			logits := model.Forward(pass, pass.Tape.Constant(x.Rows(lo, hi))).Value
			if len(logits.Shape) != 2 {
				return nil, fmt.Errorf("binarynet: an output of shape %v: want [n classes]", logits.Shape)
			}
			if mean == nil {
				mean = tensor.New[F](x.Shape[0], logits.Shape[1])
			}
			tensor.Softmax(logits, logits)
			for i, p := range logits.Data {
				mean.Data[lo*logits.Shape[1]+i] += p / F(networks)
			}
		}
	}
	return mean, nil
}
