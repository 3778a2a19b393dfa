package vae

import (
	"context"
	"errors"
	"fmt"

	"github.com/gradus-ml/gradus/optim"
)

// Config says how to train. Zero means none; nothing has a default.
type Config struct {
	Objective Objective
	BatchSize int
	Epochs    int
	Seed      uint64 // of the order of examples and of the codes
	Step      optim.Step[float32]

	// WarmUp raises Beta from 0 to its value over so many epochs, in proportion
	// to the steps taken: a remedy for units that die at the start.
	WarmUp int

	// Freeze is the scale of the variance that is estimated on the training
	// data when training ends: Shared or PerDimension for a Gaussian decoder.
	// Fixed and Learned variances are frozen as they are.
	Freeze Scale

	// OnEpoch, if set, is told of every epoch.
	OnEpoch func(Epoch)
}

// Terms are the two of a training objective, in nats per example.
type Terms struct {
	Distortion float64 `json:"distortion"`
	Rate       float64 `json:"rate"` // as the objective weighs it
}

// Epoch is the mean of the training objective over an epoch.
type Epoch struct {
	Epoch int `json:"epoch"` // from 1
	Terms
}

// Result is what training came to.
type Result struct {
	Epochs   []Epoch
	Variance []float64 // as frozen; nil for Bernoulli
}

func (c Config) validate(m *Model[float32], source Source) error {
	if err := c.Objective.Validate(); err != nil {
		return err
	}
	if err := m.Validate(); err != nil {
		return err
	}
	switch {
	case source == nil || source.Len() == 0:
		return errors.New("vae: no training data")
	case c.BatchSize < 1 || c.Epochs < 1 || c.WarmUp < 0:
		return fmt.Errorf("vae: batches of %d, %d epochs, %d to warm up: want at least 1, 1 and 0", c.BatchSize, c.Epochs, c.WarmUp)
	case c.Freeze != Shared && c.Freeze != PerDimension:
		return fmt.Errorf("vae: freeze %v: want shared or per dimension, a variance that does not need the test example", c.Freeze)
	case m.Likelihood == Bernoulli && (c.Objective.Scale != Shared || c.Freeze != Shared):
		return fmt.Errorf("vae: scale %v, freeze %v with a Bernoulli decoder, which has no variance: want neither set", c.Objective.Scale, c.Freeze)
	case (c.Objective.Scale == Learned) != (m.LogVariance != nil):
		return fmt.Errorf("vae: scale %v and a model whose LogVariance is %v: want both learned or neither", c.Objective.Scale, m.LogVariance != nil)
	}
	return nil
}

// Fit trains the model in place and then freezes its variance, so that test data
// are judged by what the training data said. An epoch leaves out the last
// examples that do not fill a batch, other ones each time.
//
// What is wrong with the configuration is found before anything is trained. A
// cancelled context ends training with its error, numbers that are not finite
// with an error that names the step. The same seed gives the same bits on any
// number of processors. A [Trainer] does the same step by step.
func Fit(ctx context.Context, m *Model[float32], source Source, c Config) (*Result, error) {
	t, err := NewTrainer(m, source, c)
	if err != nil {
		return nil, err
	}
	for t.Steps() < t.Total() {
		if err := ctx.Err(); err != nil {
			return t.result(), err
		}
		if _, err := t.Step(); err != nil {
			return t.result(), err
		}
	}
	return t.Finish(ctx)
}
