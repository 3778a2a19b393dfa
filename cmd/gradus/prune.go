package main

import (
	"context"
	"fmt"
	"math"

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

// checkPrune says before the work why pruning would come to nothing.
func (f trainFlags) checkPrune(net nn.Layer[float32]) error {
	p, err := f.parts()
	if err != nil {
		return err
	}
	if !p.penalty.givesZeros() {
		return badInputf("--prune removes what a penalty drove to exactly zero: want one that does, such as --penalty group:0.002")
	}
	return badInput(prune.Check[float32](net))
}

// prune takes out of the model what is exactly zero, if that was asked for.
func (r *trainingRun) prune(ctx context.Context) error {
	if !r.flags.Prune {
		return nil
	}
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
