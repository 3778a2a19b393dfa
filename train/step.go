package train

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/nn"
)

// step learns from one batch. It allocates nothing in the steady state.
func (r *run) step(ctx context.Context, batch *dataset.Batch) error {
	// Why an attack failed is clear only after the forward pass: weights that
	// are not finite have no finite gradient.
	failed := r.adversary.perturb(ctx, batch, r.loader.Source.Info(), r.Step)
	if err := ctx.Err(); failed != nil && err != nil {
		return err
	}
	r.model.Preprocess.Apply(batch.X)
	r.before = r.pcg
	tape := r.pass.Tape
	tape.Reset()
	logits := r.model.Net.Forward(&r.pass, tape.Constant(batch.X))
	loss := losses.CrossEntropy(logits, batch.Labels, r.options)
	value := float64(loss.Value.Data[0])
	if !finite(value) {
		return r.diverged(value, r.findInForward(batch))
	}
	if failed != nil {
		return fmt.Errorf("train: step %d: %w", r.Step+1, failed)
	}
	rate := r.optimizer.LearningRate()
	tape.Backward(loss)
	if err := r.optimizer.Step(); err != nil {
		if where := r.findInGradients(); where != "" {
			return r.diverged(value, where)
		}
		return fmt.Errorf("train: %w", err)
	}

	right, n := 0, len(batch.Labels)
	for i, label := range batch.Labels {
		if largest(logits.Value.Row(i)) == label {
			right++
		}
	}
	r.loss = value
	r.Step++
	r.Batch++
	r.seen += n
	r.Running.Loss += value * float64(n)
	r.Running.Right += right
	r.Running.Examples += n
	accuracy := float64(right) / float64(n)
	r.History.add(Sample{r.Step, value, accuracy, rate})
	if r.config.Observer.Step != nil {
		r.report(value, accuracy, rate)
	}
	return nil
}

// report tells the observer of the step just taken.
func (r *run) report(loss, accuracy, rate float64) {
	elapsed := time.Since(r.begun)
	r.config.Observer.Step(StepEvent{
		Step: r.Step, Epoch: r.Epoch, Batch: r.Batch, Batches: r.loader.Len(),
		Loss: loss, Accuracy: accuracy, LearningRate: rate,
		PerSecond: float64(r.seen) / elapsed.Seconds(),
		Remaining: elapsed / time.Duration(r.Step-r.first) * time.Duration(max(0, r.totalSteps()-r.Step)),
	})
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

func (r *run) diverged(loss float64, where string) error {
	return &DivergenceError{Step: r.Step + 1, Loss: loss, Where: where, Checkpoint: r.saved}
}

// checkWeights refuses weights that the last step has made infinite or NaN.
func (r *run) checkWeights() error {
	for path, p := range nn.Params[float32](r.model.Net) {
		if !allFinite(p.Value.Data) {
			return &DivergenceError{Step: r.Step, Loss: r.loss, Where: "parameter " + path + " after the step", Checkpoint: r.saved}
		}
	}
	return nil
}

// findInGradients returns the first parameter whose gradient is not finite.
func (r *run) findInGradients() string {
	for path, p := range nn.Params[float32](r.model.Net) {
		if p.Grad != nil && !p.Frozen && !allFinite(p.Grad.Data) {
			return "the gradient of " + path
		}
	}
	return ""
}

func allFinite(x []float32) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}
