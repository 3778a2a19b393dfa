package reproduce

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// binaryTrial is the size of the experiment of one-bit weights.
type binaryTrial struct {
	hidden      []int
	epochs      int
	sharpness   float64 // that the logits are multiplied by before networks are drawn
	networks    int     // of the ensemble
	calibration int     // training images that set the normalisations of each

	accuracy float64 // in percent, of the network of signs, at least
}

// binary trains a network of one-bit weights by mirror descent, draws an
// ensemble from it, and times it in bits.
func binary() Experiment {
	b := binaryTrial{hidden: []int{512, 512}, epochs: 12, sharpness: 8, networks: 20, calibration: 5000, accuracy: 98}
	return Experiment{
		Name:  "binary",
		Title: "One-bit weights by mirror descent",
		About: fmt.Sprintf("784-512-512-10, a batch normalisation behind each layer, weights and activations ±1, the pixels too; %d epochs of batches of 100, images moved by up to a pixel. Training moves the logits of the weights' probabilities. Straight-through is the network of the likelier value of each weight. The ensemble averages the probabilities of %d networks that are drawn from the same weights' probabilities, nothing else being trained; each has its normalisations measured again, on %d training images moved as in training. Training by signs goes the same way if the first logits and the rate are multiplied by one factor, so it leaves the size of the logits open, on which draws depend: they are made with logits times %g, chosen among 1, 2, 4 and 8 by the log score of ten networks on the last 10,000 training images, after training on the others. To see whether only confidence tells the two apart, both are also measured on each half of the test images at the temperature that is best on the other. In bits: one bit a weight and activation, against the same sizes in float32, over the 10,000 test images, the fastest pass of each, by turns of a quarter of a second.", b.epochs, b.networks, b.calibration, b.sharpness),
		Run:   b.run,
	}
}

func (b binaryTrial) run(ctx context.Context, lab *Lab) ([]Figure, error) {
	test, err := lab.Test()
	if err != nil {
		return nil, err
	}
	signs, err := b.train(ctx, lab)
	if err != nil {
		return nil, err
	}
	straight, err := train.Evaluate(ctx, signs, test)
	if err != nil {
		return nil, err
	}
	scores, err := b.ensemble(ctx, lab, signs)
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
	float, err := nn.Parse[float32](b.spec(), info.Shape, len(info.Classes), rng)
	if err != nil {
		return nil, err
	}
	x, _, err := firstExamples(ctx, test, test.Len())
	if err != nil {
		return nil, err
	}
	times, err := fastest(x, packed.Net, float)
	if err != nil {
		return nil, err
	}
	return []Figure{
		AtLeast("straight-through: accuracy of the network of signs", 100*straight.Accuracy, "%.2f%%", b.accuracy, "98.86% (3×2048, 500 epochs: Meng et al. 2020); seed 2 gives 97.79%"),
		Between("the same in bits", 100*inBits.Accuracy, "%.2f%%", 100*straight.Accuracy-0.05, 100*straight.Accuracy+0.05, "the same but for rounding at a threshold"),
		Shown("straight-through: log score", straight.Loss, "%.4f nats", ""),
		Shown("a drawn network: log score, the mean of "+fmt.Sprint(b.networks), scores.alone, "%.4f nats", ""),
		AtMost("ensemble: log score", scores.together, "%.4f nats", straight.Loss, "to be better than straight-through"),
		Shown("ensemble: accuracy", 100*scores.accuracy, "%.2f%%", ""),
		Shown("straight-through: log score at its best temperature", scores.signsTempered, "%.4f nats", ""),
		AtMost("ensemble: log score at its best temperature", scores.tempered, "%.4f nats", scores.signsTempered, "to be better than straight-through"),
		AtLeast("float32's time over that in bits", float64(times[1])/float64(times[0]), "%.1f×", 8, "256 weights take AVX2 32 multiply-adds in float32, 2 a cycle at best, and 3.4 instructions in bits, 4 a cycle at best: four bits are looked up, for 32 outputs and two images at once"),
	}, nil
}

// spec is the network of float32 of the same sizes.
func (b binaryTrial) spec() string {
	return "mlp:" + strings.Trim(strings.ReplaceAll(fmt.Sprint(b.hidden), " ", ","), "[]")
}

// moved is how training moves its images.
func (binaryTrial) moved() dataset.Augment { return dataset.Distort{Shift: 1} }

// train trains the network of signs.
func (b binaryTrial) train(ctx context.Context, lab *Lab) (*modelfile.Model, error) {
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
	sizes := slices.Concat([]int{info.Size()}, b.hidden, []int{len(info.Classes)})
	net := binarynet.NewMLP[float32](sizes, binarynet.Options{Train: binarynet.Sign, Bits: true}, rand.New(rand.NewPCG(lab.Seed, 0)))
	m := &modelfile.Model{
		Net:   append(nn.Sequential[float32]{nn.Flatten[float32]{}}, net...),
		Input: info.Shape, Classes: info.Classes, Preprocess: modelfile.Standardize(mean, std),
	}
	steps := b.epochs * ((source.Len()-1)/batch + 1)
	step := optim.AdamStep[float32](rate)
	step.Rate = optim.Cosine{From: rate, Steps: steps}
	_, err = train.Fit(ctx, m, train.Config{
		Train: source, BatchSize: batch, Shuffle: true, Seed: lab.Seed, Step: step, Epochs: b.epochs, Augment: b.moved(),
		Groups: []optim.Group[float32]{binarynet.Group(binarynet.MirrorStep[float32](optim.Cosine{From: mirror, To: mirror / 100, Steps: steps}))},
		Observer: train.Observer{Step: func(e train.StepEvent) {
			lab.Say(fmt.Sprintf("training one-bit weights: epoch %d of %d, accuracy %.1f%%", e.Epoch+1, b.epochs, 100*e.Accuracy))
		}},
	})
	return m, err
}

// fastest is the least time of a pass of images through each network. They take
// turns of a quarter of a second each, so that what else the machine does
// disturbs all of them alike.
func fastest(x *tensor.Tensor[float32], nets ...nn.Layer[float32]) ([]time.Duration, error) {
	best := slices.Repeat([]time.Duration{math.MaxInt64}, len(nets))
	for range 5 {
		for i, net := range nets {
			predictor, err := (&modelfile.Model{Net: net, Input: x.Shape[1:]}).NewPredictor()
			if err != nil {
				return nil, err
			}
			for begun := time.Now(); time.Since(begun) < time.Second/4; {
				start := time.Now()
				for lo := 0; lo < x.Shape[0]; lo += 250 {
					if _, err := predictor.Logits(x.Rows(lo, min(lo+250, x.Shape[0]))); err != nil {
						return nil, err
					}
				}
				best[i] = min(best[i], time.Since(start))
			}
		}
	}
	return best, nil
}
