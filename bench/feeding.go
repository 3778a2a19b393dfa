package bench

import (
	"context"
	"math"
	"runtime"
	"time"
)

// Feeding compares reading batches with training on them.
type Feeding struct {
	Batch   int     `json:"batch"`
	Reading float64 `json:"reading_ms"`  // a batch, with nothing else going on
	Step    float64 `json:"step_ms"`     // a training step, on a batch that is there
	Both    float64 `json:"training_ms"` // a batch and the step on it, as training does it
	Threads int     `json:"threads"`
}

// Share is the part of training that waits for data.
func (f Feeding) Share() float64 { return max(0, f.Both-f.Step) / f.Both }

// MeasureFeeding times epochs of a shuffling loader over examples in memory,
// without and with the training step of 784-512-256-10 on each batch, and that
// step alone. Each figure is the best of some epochs.
func MeasureFeeding(ctx context.Context) (Feeding, error) {
	const batch, batches, epochs = 128, 40, 5
	f := Feeding{Batch: batch, Threads: runtime.GOMAXPROCS(0), Reading: math.Inf(1), Step: math.Inf(1), Both: math.Inf(1)}
	loader, err := randomLoader(batch*batches, batch)
	if err != nil {
		return f, err
	}
	rng := newRand()
	train, err := trainer(perceptron(digit, 512, 256, classes)(rng), rng)
	if err != nil {
		return f, err
	}
	x, labels := uniform(rng, batch, digit), randomLabels(rng, batch, classes)
	epoch := func(best *float64, training bool) error {
		start := time.Now()
		for b, err := range loader.Batches(ctx, 0, 0) {
			if err != nil {
				return err
			}
			if training {
				train(b.X, b.Labels)
			}
		}
		*best = min(*best, sinceMs(start)/batches)
		return nil
	}
	for range epochs {
		if err := epoch(&f.Reading, false); err != nil {
			return f, err
		}
		if err := epoch(&f.Both, true); err != nil {
			return f, err
		}
		start := time.Now()
		for range batches {
			train(x, labels)
		}
		f.Step = min(f.Step, sinceMs(start)/batches)
	}
	return f, nil
}

func sinceMs(start time.Time) float64 { return float64(time.Since(start).Nanoseconds()) / 1e6 }
