package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/train"
)

// evaluation is what gradus evaluate found.
type evaluation struct {
	flags       *evaluateCommand
	name        string // of the data
	metrics     *train.Metrics
	calibration *calibrated // nil if it was not asked for
}

// calibrated is a temperature and what it does.
type calibrated struct {
	fittedOn    string // in words
	fitted      int    // examples
	measured    int
	temperature *losses.Temperature
	// before and after are of the examples that the temperature was not fitted
	// on; after is nil where no finite temperature is best.
	before, after *losses.Assessment
}

// evaluateConfidence is that of intervals.
const evaluateConfidence = 0.95

// calibrate fits the temperature on one part and measures on another.
func (e *evaluation) calibrate(ctx context.Context, term *terminal, model *modelfile.Model, source dataset.Source) error {
	c := e.flags
	z, labels, err := modelLogits(ctx, term, model, source)
	if err != nil {
		return err
	}
	if e.metrics, err = train.Measure(z, labels, model.Classes); err != nil {
		return badInput(fmt.Errorf("%s: %w", e.name, err))
	}
	fit, fitLabels, r := z, labels, &calibrated{}
	if c.CalibrateOn != "" {
		other, err := openFor(model, term, c.CalibrateOn, c.CalibrateSplit)
		if err != nil {
			return err
		}
		if fit, fitLabels, err = modelLogits(ctx, term, model, other); err != nil {
			return err
		}
		r.fittedOn = other.Info().Name
	} else {
		rest, held, err := dataset.HoldOutIndices(labels, c.HoldOut, c.Seed)
		if err != nil {
			return badInput(fmt.Errorf("%s: %w", e.name, err))
		}
		fit, fitLabels = losses.Logits{Table: z.Pick(held)}, pickLabels(labels, held)
		z, labels = losses.Logits{Table: z.Pick(rest)}, pickLabels(labels, rest)
		r.fittedOn = fmt.Sprintf("a part of %s held out with seed %d", e.name, c.Seed)
	}
	r.fitted, r.measured = len(fitLabels), len(labels)
	defer term.working(func() string { return fmt.Sprintf("%d resamples of %d examples", c.Resamples, len(labels)) })()
	if r.temperature, err = losses.FitTemperature(fit, fitLabels); err != nil {
		return badInput(fmt.Errorf("%s: %w", r.fittedOn, err))
	}
	options := losses.AssessOptions{Bins: c.Bins, Resamples: c.Resamples, Confidence: evaluateConfidence}
	assess := func(z losses.Logits) (*losses.Assessment, error) {
		a, err := losses.Assess(ctx, z, labels, options, rand.New(rand.NewPCG(c.Seed, 0)))
		if err != nil && !errors.Is(err, context.Canceled) {
			err = badInput(fmt.Errorf("%s: %w", e.name, err))
		}
		return a, err
	}
	if r.before, err = assess(z); err != nil {
		return err
	}
	if r.applied() {
		r.after, err = assess(r.temperature.Apply(z))
	}
	e.calibration = r
	return err
}

// applied reports whether there is a temperature to divide by.
func (r *calibrated) applied() bool {
	beta := r.temperature.Inverse
	return beta > 0 && !math.IsInf(beta, 1)
}

func pickLabels(labels, indices []int) []int {
	picked := make([]int, len(indices))
	for i, at := range indices {
		picked[i] = labels[at]
	}
	return picked
}

// save writes the model with the temperature in its last layer.
func (r *calibrated) save(model *modelfile.Model, path string) error {
	if !r.applied() {
		return badInputf("--save %s: %s: nothing to save", path, r.why())
	}
	folded, err := model.WithLogits(r.temperature.Inverse, make([]float64, len(model.Classes)))
	if err != nil {
		return badInput(err)
	}
	return folded.Save(path)
}

// why says why there is no temperature.
func (r *calibrated) why() string {
	if r.temperature.Inverse == 0 {
		return fmt.Sprintf("the logits say nothing of the labels of %s, no finite temperature is best", r.fittedOn)
	}
	return fmt.Sprintf("all %d examples of %s are classified right, no temperature above 0 is best: want more examples", r.fitted, r.fittedOn)
}

// verdict says in a clause what the calibration came to.
func (r *calibrated) verdict() string {
	const level = 0.05
	off := 100 * math.Abs(r.before.Error.Debiased)
	if r.before.PValue > level {
		return fmt.Sprintf("its probabilities can be trusted as they are (calibration error %.1f points, p = %.2g)", off, r.before.PValue)
	}
	if !r.applied() {
		return fmt.Sprintf("its probabilities are off by %.1f points; %s", off, r.why())
	}
	how := "sure"
	if r.temperature.Inverse > 1 {
		how = "cautious"
	}
	text := fmt.Sprintf("its probabilities are too %s, by %.1f points on average; dividing its logits by %.3g leaves %.1f", how, off, r.temperature.Temperature(), 100*math.Abs(r.after.Error.Debiased))
	if r.after.PValue <= level {
		text += fmt.Sprintf(", which is not yet calibrated (p = %.2g)", r.after.PValue)
	}
	return text
}
