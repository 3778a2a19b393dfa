package reproduce

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// ensembleScores are log scores on the test images, in nats.
type ensembleScores struct {
	alone              float64 // the mean of the drawn networks
	together, accuracy float64 // of their averaged probabilities

	// Of each half of the images, at the temperature that is best on the other.
	signsTempered, tempered float64
}

// ensemble measures networks drawn from a trained one, beside its signs. It
// sharpens its probabilities, which leaves the signs as they are.
func (b binaryTrial) ensemble(ctx context.Context, lab *Lab, m *modelfile.Model) (*ensembleScores, error) {
	test, err := lab.Test()
	if err != nil {
		return nil, err
	}
	batches, err := b.batches(ctx, lab, m)
	if err != nil {
		return nil, err
	}
	signs, labels, err := train.Logits(ctx, m, test)
	if err != nil {
		return nil, err
	}
	if err := binarynet.Sharpen[float32](m.Net, b.sharpness); err != nil {
		return nil, err
	}
	s := &ensembleScores{}
	mean := losses.Probs{Table: losses.Table{Classes: signs.Classes, Data: make([]float64, len(signs.Data))}}
	for n := range binarynet.Draws(m.Net, b.networks, batches, rand.New(rand.NewPCG(lab.Seed, 1))) {
		lab.Say(fmt.Sprintf("drawn network %d of %d", n+1, b.networks))
		z, _, err := train.Logits(ctx, m, test)
		if err != nil {
			return nil, err
		}
		p := z.Probs()
		for i, v := range p.Data {
			mean.Data[i] += v / float64(b.networks)
		}
		score, _ := judge(p, labels)
		s.alone += score / float64(b.networks)
	}
	s.together, s.accuracy = judge(mean, labels)
	if s.signsTempered, err = tempered(signs, labels, lab.Seed); err != nil {
		return nil, err
	}
	s.tempered, err = tempered(losses.Logits{Table: mean.LogProbs().Table}, labels, lab.Seed)
	return s, err
}

// batches are training images, moved and preprocessed, for the normalisations.
func (b binaryTrial) batches(ctx context.Context, lab *Lab, m *modelfile.Model) ([]*tensor.Tensor[float32], error) {
	source, err := lab.Train()
	if err != nil {
		return nil, err
	}
	loader := dataset.Loader{Source: dataset.First(source, b.calibration), BatchSize: 500, Seed: lab.Seed, Augment: b.moved()}
	return train.Inputs(ctx, m, loader, b.calibration)
}

// judge returns the mean of −log p of the label, and how often it is the
// likeliest.
func judge(p losses.Probs, labels []int) (score, accuracy float64) {
	n := float64(len(labels))
	for i, label := range labels {
		row := p.Row(i)
		score += losses.Log(row[label], true) / n
		if row[label] == slices.Max(row) {
			accuracy += 1 / n
		}
	}
	return score, accuracy
}

// tempered is the log score of each half of the examples, each class in
// proportion, at the temperature that is best on the other half.
func tempered(z losses.Logits, labels []int, seed uint64) (float64, error) {
	one, other, err := dataset.HoldOutIndices(labels, 0.5, seed)
	if err != nil {
		return 0, err
	}
	all, sum := &unseen{z, labels}, 0.0
	for _, halves := range [][2][]int{{one, other}, {other, one}} {
		fit, measure := all.pick(halves[0]), all.pick(halves[1])
		t, err := losses.FitTemperature(fit.z, fit.labels)
		if err != nil {
			return 0, err
		}
		score, _ := judge(t.Apply(measure.z).Probs(), measure.labels)
		sum += score * float64(len(measure.labels))
	}
	return sum / float64(len(labels)), nil
}
