package reproduce

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// binary trains networks of one-bit weights by mirror descent, and times the
// network in bits.
func binary() Experiment {
	return Experiment{
		Name:  "binary",
		Title: "One-bit weights by mirror descent",
		About: "784-512-512-10, a batch normalisation behind each layer, weights and activations ±1, the pixels too; batches of 100, images moved by up to a pixel. Straight-through: trained and used with the likelier value of each weight, 12 epochs. Drawn: trained with drawn weights, 5 epochs; its ensemble averages the probabilities of 10 drawn networks. In bits: one bit a weight and activation, against the same sizes in float32, over the 10,000 test images, the fastest pass in a second each, of at least five.",
		Run:   binaryFigures,
	}
}

func binaryFigures(ctx context.Context, lab *Lab) ([]Figure, error) {
	test, err := lab.Test()
	if err != nil {
		return nil, err
	}
	signs, err := binaryModel(ctx, lab, binarynet.Sign, 12)
	if err != nil {
		return nil, err
	}
	straight, err := train.Evaluate(ctx, signs, test)
	if err != nil {
		return nil, err
	}
	drawn, err := binaryModel(ctx, lab, binarynet.Sample, 5)
	if err != nil {
		return nil, err
	}
	lab.Say("averaging drawn networks")
	ensemble, err := ensembleScore(ctx, lab, drawn, test)
	if err != nil {
		return nil, err
	}
	lab.Say("timing the network in bits")
	packed := *signs
	packed.Net = binarynet.InBits(signs.Net)
	inBits, err := train.Evaluate(ctx, &packed, test)
	if err != nil {
		return nil, err
	}
	info := test.Info()
	rng := rand.New(rand.NewPCG(lab.Seed, 9))
	float, err := nn.Parse[float32]("mlp:512,512", info.Shape, len(info.Classes), rng)
	if err != nil {
		return nil, err
	}
	x, _, err := firstExamples(ctx, test, test.Len())
	if err != nil {
		return nil, err
	}
	fast, err := fastest(packed.Net, x)
	if err != nil {
		return nil, err
	}
	slow, err := fastest(float, x)
	if err != nil {
		return nil, err
	}
	return []Figure{
		AtLeast("straight-through: accuracy of the network of signs", 100*straight.Accuracy, "%.2f%%", 98, "98.86% (3×2048, 500 epochs: Meng et al. 2020)"),
		Between("the same in bits", 100*inBits.Accuracy, "%.2f%%", 100*straight.Accuracy-0.05, 100*straight.Accuracy+0.05, "the same but for rounding at a threshold"),
		Shown("straight-through: log score", straight.Loss, "%.4f nats", ""),
		AtMost("drawn: log score of the ensemble", ensemble, "%.4f nats", straight.Loss, "to be better than straight-through. Not reached, nor by networks drawn near the signs: less noise only brings it up to them"),
		AtLeast("float32's time over that in bits", float64(slow)/float64(fast), "%.1f×", 8, "256 weights take AVX2 32 multiply-adds in float32, 2 a cycle at best, and 3.4 instructions in bits, 4 a cycle at best: four bits are looked up, for 32 outputs and two images at once"),
	}, nil
}

// binaryModel trains the network with a map from probabilities to weights.
func binaryModel(ctx context.Context, lab *Lab, weights string, epochs int) (*modelfile.Model, error) {
	const batch, rate, mirror = 100, 0.002, 0.1
	source, err := lab.Train()
	if err != nil {
		return nil, err
	}
	mean, std, err := dataset.Moments(ctx, source)
	if err != nil {
		return nil, err
	}
	info := source.Info()
	net := binarynet.NewMLP[float32]([]int{784, 512, 512, len(info.Classes)}, binarynet.Options{Train: weights, Bits: true}, rand.New(rand.NewPCG(lab.Seed, 0)))
	m := &modelfile.Model{
		Net:   append(nn.Sequential[float32]{nn.Flatten[float32]{}}, net...),
		Input: info.Shape, Classes: info.Classes, Preprocess: modelfile.Standardize(mean, std),
	}
	steps := epochs * ((source.Len()-1)/batch + 1)
	step := optim.AdamStep[float32](rate)
	step.Rate = optim.Cosine{From: rate, Steps: steps}
	_, err = train.Fit(ctx, m, train.Config{
		Train: source, BatchSize: batch, Shuffle: true, Seed: lab.Seed, Step: step, Epochs: epochs, Augment: dataset.Distort{Shift: 1},
		Groups: []optim.Group[float32]{binarynet.Group(binarynet.MirrorStep[float32](optim.Cosine{From: mirror, To: mirror / 100, Steps: steps}))},
		Observer: train.Observer{Step: func(e train.StepEvent) {
			lab.Say(fmt.Sprintf("training by %s: epoch %d of %d, accuracy %.1f%%", weights, e.Epoch+1, epochs, 100*e.Accuracy))
		}},
	})
	return m, err
}

// ensembleScore is the mean of −log p of the label under the averaged
// probabilities of drawn networks.
func ensembleScore(ctx context.Context, lab *Lab, m *modelfile.Model, source dataset.Source) (float64, error) {
	const networks = 10
	sum := 0.0
	for batch, err := range (dataset.Loader{Source: source, BatchSize: 500}).Batches(ctx, 0, 0) {
		if err != nil {
			return 0, err
		}
		m.Preprocess.Apply(batch.X)
		p, err := binarynet.Ensemble(m.Net, batch.X, networks, nil, rand.New(rand.NewPCG(lab.Seed, uint64(batch.Indices[0]))))
		if err != nil {
			return 0, err
		}
		for i, label := range batch.Labels {
			sum += losses.Log(float64(p.Row(i)[label]), true)
		}
	}
	return sum / float64(source.Len()), nil
}

// fastest is the least time of a pass of images through a network, of as many as
// a second holds and at least five: passes that take less time would otherwise
// meet fewer of the moments in which the machine does nothing else.
func fastest(net nn.Layer[float32], x *tensor.Tensor[float32]) (time.Duration, error) {
	predictor, err := (&modelfile.Model{Net: net, Input: x.Shape[1:]}).NewPredictor()
	if err != nil {
		return 0, err
	}
	best := time.Duration(1<<63 - 1)
	for begun, passes := time.Now(), 0; passes < 5 || time.Since(begun) < time.Second; passes++ {
		start := time.Now()
		for lo := 0; lo < x.Shape[0]; lo += 250 {
			if _, err := predictor.Logits(x.Rows(lo, min(lo+250, x.Shape[0]))); err != nil {
				return 0, err
			}
		}
		best = min(best, time.Since(start))
	}
	return best, nil
}
