package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/shift"
)

type shiftCommand struct {
	Model         string  `arg:"" help:"A model: the folder or zip file that gradus train wrote; or logits of any framework, .csv or .npy, one row an example; with --stream, - for logits on standard input."`
	Data          string  `placeholder:"DATA" help:"What the model meets now: a name from gradus data list, a folder, or a file."`
	Split         string  `enum:"test,train" default:"test" help:"Which part of --data: ${enum}. A single file is read whole."`
	Unlabelled    bool    `help:"--data is a file without labels: IDX images, or CSV rows of features."`
	Labels        string  `placeholder:"FILE" help:"With logits: their labels, 0, 1, …, as .csv or .npy, to measure the accuracy."`
	Source        string  `placeholder:"DATA" help:"Labelled examples of the training population, best not trained on: a data set, or logits as MODEL is. They calibrate the model and let label shift be tested."`
	SourceSplit   string  `enum:"test,train" default:"test" help:"Which part of --source: ${enum}."`
	SourceLabels  string  `placeholder:"FILE" help:"With logits: the labels of --source."`
	TrainPrior    string  `placeholder:"P,P,…" help:"Class frequencies in training (default: those of --source, else those the model remembers)."`
	TargetPrior   string  `placeholder:"P,P,…" help:"Class frequencies now, if they are known (default: estimated from the data)."`
	Probabilities bool    `help:"The files hold probabilities instead of logits."`
	Resamples     int     `default:"100" help:"Bootstrap resamples for the intervals of estimated frequencies; 0 for none."`
	Seed          uint64  `default:"1" help:"Seed of the resamples."`
	Save          string  `type:"path" placeholder:"PATH" help:"Write the adapted model here: a folder, or a zip file. It keeps every class that was seen in training, unless --target-prior excludes it."`
	Plot          string  `type:"path" placeholder:"FILE" help:"Draw frequencies and accuracies into FILE.svg or FILE.png."`
	Stream        bool    `help:"Rows of CSV arrive on standard input, features for a model or logits: correct each as it comes, follow the frequencies, ring an alarm when they have left those of training."`
	Forgetting    float64 `default:"0.01" placeholder:"F" help:"With --stream: the weight of the newest row; about 1/F rows are remembered."`
	Alarm         float64 `default:"10000" placeholder:"N" help:"With --stream: a false alarm comes once in N rows on average, or later."`
	Every         int     `default:"1" placeholder:"N" help:"With --stream: print every Nth row only."`
	State         string  `type:"path" placeholder:"FILE" help:"With --stream: go on from FILE if it exists, and keep in it what was learned, every five seconds and at the end."`
	JSON          bool    `name:"json" help:"Print one JSON object; with --stream, one a line as it goes."`
	reportFlag
}

// Help is shown by gradus shift --help.
func (shiftCommand) Help() string {
	return `The population changed: the classes look as they did, but some have become
more frequent. This finds the new frequencies from unlabelled data, says what
correcting the model for them brings, and tests whether a change of frequencies
explains the data at all. Nothing is trained again.

Examples:
  gradus shift digits --data today --source mnist --save digits-today --plot shift.svg
  gradus shift digits --data photos-idx3-ubyte --unlabelled
  gradus shift logits.npy --source held-out.npy --source-labels y.npy
  gradus shift logits.csv --train-prior 0.5,0.5 --target-prior 0.9,0.1
  tail -f rows.csv | gradus shift digits --source mnist --stream --state today.json
  gradus shift - --stream --train-prior 0.5,0.5 --every 100 --json < logits.csv

The saved model is one like any other: evaluate and predict take it.`
}

// Settings of the estimates: the ridge hardly moves a calibration, and the gap
// is in nats an example.
const (
	shiftRidge      = 1e-6
	shiftGap        = 1e-8
	shiftConfidence = 0.95
	shiftLevels     = 4
)

// Run estimates, corrects, tests and tells.
func (c *shiftCommand) Run(ctx context.Context, term *terminal) error {
	if c.Resamples < 0 || c.Resamples == 1 || c.Resamples > 1e6 {
		return badInputf("--resamples %d: want 0, or 2 to 1000000", c.Resamples)
	}
	if err := checkPicture("--plot", c.Plot); err != nil {
		return err
	}
	if err := errors.Join(checkSave(c.Save), c.checkReport()); err != nil {
		return err
	}
	if c.Stream {
		return c.stream(ctx, term)
	}
	if c.State != "" {
		return badInputf("--state goes with --stream")
	}
	in, err := c.read(ctx, term)
	if err != nil {
		return err
	}
	r, err := c.examine(ctx, term, in)
	if err != nil {
		return err
	}
	if c.Save != "" {
		adapted, err := in.model.WithLogits(r.correction.Scale, r.correction.Bias)
		if err != nil {
			return badInput(err)
		}
		adapted.Priors = r.applied
		if err := adapted.Save(c.Save); err != nil {
			return err
		}
	}
	if c.Plot != "" {
		if err := savePicture(c.Plot, r.picture(in)); err != nil {
			return err
		}
	}
	if err := c.saveReport(term, func() report.Page { return r.page(in, c) }); err != nil {
		return err
	}
	if c.JSON {
		return r.printJSON(term, in, c)
	}
	r.print(term, in, c)
	return nil
}

// shiftResult is what the command found.
type shiftResult struct {
	train, target []float64
	applied       []float64         // the prior that is corrected to: target, no class of it lost by an estimate of 0
	intervals     []losses.Interval // of estimated priors; nil for none
	estimated     bool
	calibration   *losses.BiasCorrected // nil without labelled source data
	correction    *shift.LogitCorrection
	expected      *shift.Accuracy
	measured      *shift.Accuracy // nil without labels
	recounted     *shift.Accuracy // expected of calibrated decisions, then corrected ones; nil without calibration
	priors        *shift.Test     // that they are those of training
	labelShift    *shift.Test     // that only they differ; nil without source
	warnings      []string
}

// examine does the work on logits.
func (c *shiftCommand) examine(ctx context.Context, term *terminal, in *shiftInput) (*shiftResult, error) {
	r := &shiftResult{train: in.trainPrior, target: in.targetPrior, estimated: in.targetPrior == nil}
	posteriors := in.target.Probs()
	var adaptation *shift.Adaptation
	var err error
	worked := term.working(func() string { return fmt.Sprintf("estimating the frequencies of %d classes", len(in.classes)) })
	defer func() { worked() }()
	if in.source.Rows() > 0 {
		if adaptation, err = shift.Adapt(in.source, in.sourceLabels, in.target, shiftRidge, shiftGap); err != nil {
			return nil, badInput(err)
		}
		r.calibration, r.train, posteriors = adaptation.Calibration, adaptation.Train, adaptation.Target
	}
	if r.estimated {
		maximum, err := shift.MaximumLikelihood(posteriors, r.train, r.train, shiftGap)
		if err != nil {
			return nil, badInput(err)
		}
		r.target = maximum.Prior
	}
	r.applied = r.target
	if r.estimated {
		if r.applied, err = shift.Smooth(r.target, r.train, posteriors.Rows()); err != nil {
			return nil, badInput(err)
		}
	} else if k := slices.Index(r.target, 0); k >= 0 && c.Save != "" {
		r.warnings = append(r.warnings, fmt.Sprintf("--target-prior excludes class %s: the saved model never answers it, and cannot be adapted to it again", in.classes[k]))
	}
	fixed, err := shift.Reweight(posteriors, r.train, r.applied)
	if err != nil {
		return nil, badInput(err)
	}
	decided := in.target.Argmax()
	if r.expected, err = shift.CompareDecisions(fixed.Posterior, decided, fixed.Decisions); err != nil {
		return nil, badInput(err)
	}
	if in.labels != nil {
		if r.measured, err = shift.MeasureAccuracy(in.labels, decided, fixed.Decisions, len(in.classes)); err != nil {
			return nil, badInput(err)
		}
	}
	if r.correction, err = shift.CorrectLogits(r.calibration, r.train, r.applied); err != nil {
		return nil, badInput(err)
	}
	if adaptation == nil {
		if r.priors, err = shift.TestPriors(posteriors, r.train); err != nil {
			return nil, badInput(err)
		}
		r.warnings = append(r.warnings, "without --source the probabilities are taken as calibrated, and whether the classes still look the same is not tested")
		return r, ctx.Err()
	}
	if r.recounted, err = shift.CompareDecisions(fixed.Posterior, posteriors.Argmax(), fixed.Decisions); err != nil {
		return nil, badInput(err)
	}
	// A calibration on few rows would mislead the likelihood ratio.
	if r.priors, err = shift.TestPredictions(in.source.Argmax(), decided, len(in.classes)); err != nil {
		r.warnings = append(r.warnings, fmt.Sprintf("a change of frequencies was not tested: %v", err))
	}
	sample := shift.Sample{Target: posteriors, Source: adaptation.Source, Labels: in.sourceLabels}
	if r.labelShift, err = shift.TestLabelShift(sample, shiftLevels); err != nil {
		r.warnings = append(r.warnings, fmt.Sprintf("label shift was not tested: %v", err))
	}
	diagnosis, err := shift.Diagnose(adaptation.Source, in.sourceLabels, r.target)
	if err != nil {
		r.warnings = append(r.warnings, fmt.Sprintf("the correction was not examined: %v", err))
	} else {
		r.warnings = append(r.warnings, diagnosis.Warnings...)
	}
	if r.estimated && c.Resamples > 0 {
		var done atomic.Int64
		worked()
		worked = term.working(func() string { return fmt.Sprintf("%d of %d resamples", done.Load(), c.Resamples) })
		r.intervals, err = adaptation.Bootstrap(in.sourceLabels, shiftRidge, shiftGap, c.Resamples, shiftConfidence,
			rand.New(rand.NewPCG(c.Seed, 0)), func() error { done.Add(1); return ctx.Err() })
		if err != nil && !errors.Is(err, context.Canceled) {
			err = badInput(err)
		}
	}
	return r, err
}
