package reproduce

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// depth trains a plain network of fifty hidden layers from weights drawn by
// different schemes.
func depth() Experiment {
	return Experiment{
		Name:  "depth",
		Title: "A plain network of 50 layers trains",
		About: "`mlp:128x50`, no normalisation and no residual connections, one epoch of MNIST in batches of 128 by Adam at a rate from 0.001, cosine. Drawn by default, as PyTorch draws it, the gradient vanishes before the first layers and examples become alike; He's variance is right for ReLU and wrong for GELU. `Preserve` takes each layer's from the propagation of the data's moments. Chance is 11.35%: the most frequent digit.",
		Run: func(ctx context.Context, lab *Lab) ([]Figure, error) {
			source, err := lab.Train()
			if err != nil {
				return nil, err
			}
			test, err := lab.Test()
			if err != nil {
				return nil, err
			}
			var figures []Figure
			for _, c := range []struct {
				activation, scheme string
				figure             func(name string, value float64) Figure
			}{{"relu", "default", untrained}, {"relu", "preserve", trained}, {"gelu", "he", compared}, {"gelu", "preserve", trained}} {
				accuracy, err := deepAccuracy(ctx, lab, source, test, deepPlain{"mlp:128x50;act=" + c.activation, c.scheme})
				if err != nil {
					return nil, err
				}
				figures = append(figures, c.figure(fmt.Sprintf("%s, drawn by %s: test accuracy", c.activation, c.scheme), 100*accuracy))
			}
			return figures, nil
		},
	}
}

// chance is the share of the most frequent digit among the test images, in
// percent; four times that is no luck.
const chance = 11.35

func untrained(name string, v float64) Figure { return AtMost(name, v, "%.2f%%", 15, "11.35%: chance") }
func trained(name string, v float64) Figure {
	return AtLeast(name, v, "%.2f%%", 4*chance, "45.4%: four times chance")
}
func compared(name string, v float64) Figure { return Shown(name, v, "%.2f%%", "") }

// deepPlain is a network and how its weights are drawn.
type deepPlain struct{ spec, scheme string }

// deepAccuracy trains one such network for an epoch, and returns its accuracy
// on the test data. Training that diverges is an error.
func deepAccuracy(ctx context.Context, lab *Lab, source, test dataset.Source, d deepPlain) (float64, error) {
	const batch, rate = 128, 0.001
	info, rng := source.Info(), rand.New(rand.NewPCG(lab.Seed, 0))
	net, err := nn.Parse[float32](d.spec, info.Shape, len(info.Classes), rng)
	if err != nil {
		return 0, err
	}
	mean, std, err := dataset.Moments(ctx, source)
	if err != nil {
		return 0, err
	}
	m := &modelfile.Model{Net: net, Input: info.Shape, Classes: info.Classes, Preprocess: modelfile.Standardize(mean, std)}
	scheme, err := moments.SchemeNamed(d.scheme, func() (*tensor.Tensor[float32], error) {
		x, err := rows(ctx, dataset.First(source, 512))
		if err != nil {
			return nil, err
		}
		x = x.Reshape(append([]int{x.Shape[0]}, info.Shape...)...)
		m.Preprocess.Apply(x)
		return x, nil
	})
	if err != nil {
		return 0, err
	}
	if err := moments.Initialize(net, rng, scheme); err != nil {
		return 0, err
	}
	step := optim.AdamStep[float32](rate)
	step.Rate = optim.Cosine{From: rate, Steps: (source.Len()-1)/batch + 1}
	_, err = train.Fit(ctx, m, train.Config{
		Train: source, BatchSize: batch, Shuffle: true, Seed: lab.Seed, Step: step, Epochs: 1,
		Observer: train.Observer{Step: func(e train.StepEvent) {
			lab.Say(fmt.Sprintf("%s by %s: batch %d of %d, accuracy %.1f%%", d.spec, d.scheme, e.Batch, e.Batches, 100*e.Accuracy))
		}},
	})
	if err != nil {
		return 0, err
	}
	metrics, err := train.Evaluate(ctx, m, test)
	if err != nil {
		return 0, err
	}
	return metrics.Accuracy, nil
}
