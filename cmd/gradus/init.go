package main

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/tensor"
)

// initFlag is shared by the commands that draw weights.
type initFlag struct {
	Init string `default:"default" placeholder:"SCHEME" help:"How the weights are drawn: ${schemes}. The first after default may have a factor: lecun:1.6667 is gain 5/3."`
}

// defaultInit is the scheme that leaves a model as it was made.
const defaultInit = "default"

// checkInit finds out before the work whether there is such a scheme. A run that
// was saved before there were schemes has none, and drew by default.
func (f *initFlag) checkInit() error {
	if f.Init == "" {
		f.Init = defaultInit
	}
	if _, err := moments.SchemeNamed[float32](f.Init, nil); err != nil {
		return badInput(fmt.Errorf("--init: %w", err))
	}
	return nil
}

// initExamples is how many examples a scheme that wants inputs is shown.
const initExamples = 256

// drawWeights draws the weights of a model, from examples of the source where the
// scheme asks for them.
func (f initFlag) drawWeights(ctx context.Context, term *terminal, m *modelfile.Model, source dataset.Source, seed uint64, rng *rand.Rand) error {
	if f.Init == defaultInit {
		return nil
	}
	scheme, err := moments.SchemeNamed(f.Init, func() (*tensor.Tensor[float32], error) {
		return inputs(ctx, m, source, initExamples, seed)
	})
	if err != nil {
		return badInput(fmt.Errorf("--init: %w", err))
	}
	defer term.working(func() string { return "drawing weights by " + f.Init })()
	err = interruptible(ctx, func() error { return moments.Initialize(m.Net, rng, scheme) })
	if err != nil {
		return asInput(ctx, fmt.Errorf("--init %s: %w", f.Init, err))
	}
	return nil
}

// inputs returns up to n examples of a source, drawn by the seed, as the model
// sees them.
func inputs(ctx context.Context, m *modelfile.Model, source dataset.Source, n int, seed uint64) (*tensor.Tensor[float32], error) {
	loader := dataset.Loader{Source: source, BatchSize: min(n, max(1, source.Len())), Shuffle: true, Seed: seed}
	for batch, err := range loader.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		m.Preprocess.Apply(batch.X)
		return batch.X, nil // its memory is not used again: no batch follows
	}
	return nil, fmt.Errorf("%s: no examples", source.Info().Name)
}
