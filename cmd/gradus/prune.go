package main

import (
	"context"
	"fmt"
	"math"
	"path/filepath"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/prune"
	"github.com/gradus-ml/gradus/train"
)

// pruning is what --prune did.
type pruning struct {
	*prune.Report
	Difference float64 `json:"largest_difference"` // of logits on the held-out examples, by pruning
}

// String is one line.
func (p *pruning) String() string {
	if before, after := p.Units(); after == before {
		return "pruned: nothing, no hidden unit ended at exactly zero; a larger penalty, or more epochs, gives zeros"
	}
	return fmt.Sprintf("pruned: %v; logits moved by at most %.1g", p.Report, p.Difference)
}

// refitFolder holds the checkpoints of --refit, inside those of the run.
const refitFolder = "refit"

// checkPrune says before the work why --prune and --refit would come to nothing.
func (f trainFlags) checkPrune(net nn.Layer[float32], stepsPerEpoch int) error {
	switch {
	case f.Refit < 0 || f.Refit > maxEpochs:
		return badInputf("--refit %d: want 0 to %d", f.Refit, maxEpochs)
	case f.Refit > 0 && !f.Prune:
		return badInputf("--refit trains what --prune leaves: want --prune too")
	case !f.Prune:
		return nil
	}
	p, err := f.parts()
	if err != nil {
		return err
	}
	if !p.penalty.givesZeros() {
		return badInputf("--prune removes what a penalty drove to exactly zero: want one that does, such as --penalty group:0.003")
	}
	if err := prune.Check[float32](net); err != nil {
		return badInput(err)
	}
	if f.Refit > 0 {
		if _, _, err := f.unpenalised().build(net, f.Refit*stepsPerEpoch); err != nil {
			return badInput(fmt.Errorf("--refit %d: %w", f.Refit, err))
		}
	}
	return nil
}

// unpenalised is the training step of --refit.
func (f trainFlags) unpenalised() optimizerFlags {
	o := f.optimizerFlags
	o.Penalty, o.Decay = "", nil
	return o
}

// pruneAndRefit takes out of the model what is exactly zero and trains the rest
// as --refit says. The result is that of both trainings.
func (r *trainingRun) pruneAndRefit(ctx context.Context, first *train.Result, progress *trainProgress) (*train.Result, error) {
	if err := r.prune(ctx); err != nil {
		return nil, r.unsaved(err)
	}
	if r.flags.Refit == 0 {
		return first, nil
	}
	c := r.config
	c.Epochs = r.flags.Refit
	if c.Adversarial != nil {
		whole := *c.Adversarial
		whole.WarmUp = 0 // the network knows its task by now
		c.Adversarial = &whole
	}
	var err error
	if c.Step, c.Groups, err = r.flags.unpenalised().build(r.model.Net, c.Epochs*(first.Steps/max(1, first.Epochs))); err != nil {
		return nil, err
	}
	c.Checkpoints.Folder = filepath.Join(c.Checkpoints.Folder, refitFolder)
	progress.phase("refit", c.Epochs)
	second, err := train.Fit(ctx, r.model, c)
	if err != nil {
		return second, err
	}
	return joined(first, second), nil
}

// prune takes out of the model what is exactly zero.
func (r *trainingRun) prune(ctx context.Context) error {
	whole, _, err := train.Logits(ctx, r.model, r.test)
	if err != nil {
		return err
	}
	net, report, err := prune.Net(r.model.Net, r.model.Input)
	if err != nil {
		return err
	}
	r.model.Net = net
	left, _, err := train.Logits(ctx, r.model, r.test)
	if err != nil {
		return err
	}
	r.pruned = &pruning{Report: report}
	for i, z := range whole.Data {
		r.pruned.Difference = max(r.pruned.Difference, math.Abs(z-left.Data[i]))
	}
	return nil
}

// joined is the history of two trainings as one.
func joined(first, second *train.Result) *train.Result {
	both := *second
	both.History.Epochs = append([]train.Epoch{}, first.History.Epochs...)
	both.History.Steps = append([]train.Sample{}, first.History.Steps...)
	both.History.Stride = max(first.History.Stride, second.History.Stride)
	for _, e := range second.History.Epochs {
		e.Epoch, e.Step = e.Epoch+first.Epochs, e.Step+first.Steps
		both.History.Epochs = append(both.History.Epochs, e)
	}
	for _, s := range second.History.Steps {
		s.Step += first.Steps
		both.History.Steps = append(both.History.Steps, s)
	}
	both.Steps, both.Epochs = first.Steps+second.Steps, first.Epochs+second.Epochs
	return &both
}
