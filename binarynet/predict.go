package binarynet

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// PredictWith sets the map by which every binary layer of a model predicts:
// Mean, Sample or Sign. It returns an error for any other.
func PredictWith[F tensor.Float](model any, name string) error {
	if name != Mean && name != Sample && name != Sign {
		return fmt.Errorf("binarynet: map %q: want %s, %s or %s", name, Mean, Sample, Sign)
	}
	for l := range Layers[F](model) {
		l.Predict = name
	}
	return nil
}

// Decided returns the share of the binary weights of a model whose likelier
// value has a probability of at least confidence, in [½, 1]; NaN if it has none.
// Where it is near 1, the network of signs is the network that was trained.
func Decided[F tensor.Float](model any, confidence float64) float64 {
	decided, all := 0, 0
	for l := range Layers[F](model) {
		for _, x := range l.Probability.Value.Data {
			if p := float64(x); p >= confidence || 1-p >= confidence {
				decided++
			}
		}
		all += len(l.Probability.Value.Data)
	}
	return float64(decided) / float64(all)
}

// Sharpen multiplies the logit of every probability of a model by a factor,
//
//	x ← 1/(1 + e^(−factor·logit x)),
//
// which changes no sign: above 1 its draws come nearer to the network of signs,
// below 1 they part from it. Training by Sign needs it before it is drawn from:
// with the first logits and the rate factor times as large it would have gone
// the same way, so what it leaves says which weight is surer than which, and not
// how sure. The factor is to be chosen on examples that were not learned from.
// It returns an error unless the factor is finite and positive.
func Sharpen[F tensor.Float](model any, factor float64) error {
	if !(factor > 0) || math.IsInf(factor, 1) {
		return fmt.Errorf("binarynet: logits times %v: want a finite factor above 0", factor)
	}
	for l := range Layers[F](model) {
		for i, x := range l.Probability.Value.Data {
			p := float64(x)
			l.Probability.Value.Data[i] = F(1 / (1 + math.Pow((1-p)/p, factor)))
		}
	}
	return nil
}

// Recalibrate sets the running statistics of every normalisation of a model to
// those of the batches, under the map by which it predicts: a network that was
// trained by Sample has other means and variances as a network of signs. Each
// batch counts alike. Parameters stay as they are. Sample and Dropout draw from
// rng.
func Recalibrate[F tensor.Float](model nn.Layer[F], batches []*tensor.Tensor[F], rng *rand.Rand) error {
	if len(batches) == 0 {
		return fmt.Errorf("binarynet: no batch to calibrate with")
	}
	recalibrate(model, batches, rng)
	return nil
}

// recalibrate is [Recalibrate] with a batch at least.
func recalibrate[F tensor.Float](model nn.Layer[F], batches []*tensor.Tensor[F], rng *rand.Rand) {
	restore := calibrating[F](model)
	defer restore()
	pass := &nn.Pass[F]{Tape: autodiff.NewTape[F](), Train: true, Rand: rng}
	for n, x := range batches {
		for norm := range parts[*nn.BatchNorm[F]](model) {
			norm.Momentum = 1 / float64(n+1) // the running mean of all so far
		}
		pass.Tape.Reset()
		model.Forward(pass, pass.Tape.Constant(x))
	}
}

// calibrating makes layers train by the map that they predict by, and returns
// what undoes it.
func calibrating[F tensor.Float](model any) (restore func()) {
	var undo []func()
	for l := range Layers[F](model) {
		train := l.Train
		undo = append(undo, func() { l.Train = train })
		l.Train = l.Predict
	}
	for norm := range parts[*nn.BatchNorm[F]](model) {
		momentum := norm.Momentum
		undo = append(undo, func() { norm.Momentum = momentum })
	}
	return func() {
		for _, f := range undo {
			f()
		}
	}
}

// Entropy returns the mean entropy of the weights of a model in bits, 1 where
// nothing is known and 0 where all is decided; NaN if it has none.
func Entropy[F tensor.Float](model any) float64 {
	sum, all := 0.0, 0
	for l := range Layers[F](model) {
		for _, x := range l.Probability.Value.Data {
			if p := float64(x); p > 0 && p < 1 {
				sum -= p*math.Log2(p) + (1-p)*math.Log1p(-p)/math.Ln2
			}
		}
		all += len(l.Probability.Value.Data)
	}
	return sum / float64(all)
}
