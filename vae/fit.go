package vae

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/seeds"
	"github.com/gradus-ml/gradus/nn"
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

// Epoch is the mean of the training objective over an epoch, in nats per
// example.
type Epoch struct {
	Epoch      int     `json:"epoch"` // from 1
	Distortion float64 `json:"distortion"`
	Rate       float64 `json:"rate"` // as the objective weighs it
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
// number of processors.
func Fit(ctx context.Context, m *Model[float32], source Source, c Config) (*Result, error) {
	if err := c.validate(m, source); err != nil {
		return nil, err
	}
	optimizer, err := optim.New(nn.Params[float32](m), c.Step)
	if err != nil {
		return nil, err
	}
	var pcg rand.PCG
	n := source.Len()
	size := min(c.BatchSize, n)
	t := &training{
		Config: c, model: m, optimizer: optimizer, reader: newReader(source, m.Input, size), perEpoch: n / size,
		pass: nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: rand.New(&pcg)},
	}
	result := &Result{}
	for epoch := range c.Epochs {
		seeds.Set(&pcg, c.Seed, uint64(epoch), noiseStream)
		indices, e := order(n, c.Seed, epoch), Epoch{Epoch: epoch + 1}
		for lo := 0; lo+size <= n; lo += size {
			if err := ctx.Err(); err != nil {
				return result, err
			}
			distortion, rate, err := t.step(indices[lo : lo+size])
			if err != nil {
				return result, err
			}
			e.Distortion += distortion / float64(t.perEpoch)
			e.Rate += rate / float64(t.perEpoch)
		}
		result.Epochs = append(result.Epochs, e)
		if c.OnEpoch != nil {
			c.OnEpoch(e)
		}
	}
	result.Variance, err = freeze(ctx, m, source, c)
	return result, err
}

// training is one call of Fit.
type training struct {
	Config
	model     *Model[float32]
	optimizer *optim.Optimizer[float32]
	reader    *reader
	perEpoch  int
	pass      nn.Pass[float32]
}

// step learns from one batch.
func (t *training) step(indices []int) (distortion, rate float64, err error) {
	x, err := t.reader.read(indices)
	if err != nil {
		return 0, 0, err
	}
	o, step := t.Objective, t.optimizer.Steps()
	if t.WarmUp > 0 {
		o.Beta *= min(1, float64(step+1)/float64(t.WarmUp*t.perEpoch))
	}
	tape := t.pass.Tape
	tape.Reset()
	d, r := t.model.Loss(&t.pass, x, o)
	loss := autodiff.Add(d, r)
	if v := float64(loss.Value.Data[0]); math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, 0, fmt.Errorf("vae: step %d: distortion %v and rate %v are not finite: want a smaller step size, or a lower bound on the variance", step+1, d.Value.Data[0], r.Value.Data[0])
	}
	tape.Backward(loss)
	if err := t.optimizer.Step(); err != nil {
		return 0, 0, err
	}
	return float64(d.Value.Data[0]), float64(r.Value.Data[0]), nil
}
