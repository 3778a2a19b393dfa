package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/train"
)

type evaluateCommand struct {
	Model          string  `arg:"" help:"A model: the folder or zip file that gradus train wrote."`
	Data           string  `default:"glyphs" help:"A name from gradus data list, a folder, or a file."`
	Split          string  `enum:"test,train" default:"test" help:"Which part: ${enum}. A single file is measured whole."`
	Calibration    bool    `help:"Measure how far the probabilities can be trusted, before and after temperature scaling."`
	CalibrateOn    string  `placeholder:"DATA" help:"Fit the temperature on these examples, best not trained on (default: a part of --data that is held out from the rest)."`
	CalibrateSplit string  `enum:"test,train" default:"test" help:"Which part of --calibrate-on: ${enum}."`
	HoldOut        float64 `default:"0.5" placeholder:"F" help:"Without --calibrate-on: the fraction of --data that the temperature is fitted on. What is measured is the rest."`
	Bins           int     `default:"15" help:"Of the reliability diagram, of equal width."`
	Resamples      int     `default:"200" help:"Bootstrap resamples for the intervals of scores, and draws of the test of calibration."`
	Seed           uint64  `default:"1" help:"Of what is held out and of resamples."`
	Save           string  `type:"path" placeholder:"PATH" help:"Write the calibrated model here: a folder, or a zip file."`
	Plot           string  `type:"path" placeholder:"FILE" help:"Draw the reliability diagram into FILE.svg or FILE.png."`
	JSON           bool    `name:"json" help:"Print one JSON object."`
	reportFlag
}

// Help is shown by gradus evaluate --help.
func (evaluateCommand) Help() string {
	return `Prints loss, accuracy, the recall and precision of each class and the confusion
matrix. With --calibration also whether a probability of 90% is right nine times
in ten, what each part of a score is due to, and what temperature scaling mends.

Examples:
  gradus evaluate digits --data mnist --report digits.html
  gradus evaluate digits --data mnist --calibration --plot reliability.svg
  gradus evaluate digits --data mnist --calibration --save calibrated

The calibrated model is one like any other, with the same answers.`
}

// Run measures the model on the data.
func (c *evaluateCommand) Run(ctx context.Context, term *terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	model, err := openModel(c.Model)
	if err != nil {
		return err
	}
	source, err := openFor(model, term, c.Data, c.Split)
	if err != nil {
		return err
	}
	e := &evaluation{flags: c, name: source.Info().Name}
	if c.Calibration {
		err = e.calibrate(ctx, term, model, source)
	} else {
		watched, measured := term.watch(source)
		e.metrics, err = train.Evaluate(ctx, model, watched)
		measured()
		err = badInput(err) // all is in memory: what fails is the model or an example
	}
	if err != nil {
		return err
	}
	return e.report(term, model)
}

// check refuses, before anything is read, what cannot be done.
func (c *evaluateCommand) check() error {
	if !c.Calibration {
		for _, f := range []struct{ flag, value string }{{"--calibrate-on", c.CalibrateOn}, {"--save", c.Save}, {"--plot", c.Plot}} {
			if f.value != "" {
				return badInputf("%s goes with --calibration", f.flag)
			}
		}
		return c.checkReport()
	}
	switch {
	case !(c.HoldOut > 0 && c.HoldOut < 1):
		return badInputf("--hold-out %v: want a fraction between 0 and 1", c.HoldOut)
	case c.Bins < 1 || c.Bins > 1000:
		return badInputf("--bins %d: want 1 to 1000", c.Bins)
	case c.Resamples < 2 || c.Resamples > 1e6:
		return badInputf("--resamples %d: want 2 to 1000000", c.Resamples)
	}
	return errors.Join(checkPicture("--plot", c.Plot), c.checkReport(), checkSave(c.Save))
}

// openFor opens a part, "test" or "train", of data with the model's classes. A
// file that is not divided is opened whole.
func openFor(model *modelfile.Model, term *terminal, path, part string) (dataset.Source, error) {
	source, err := openPart(term, path, part)
	if err == nil {
		source, err = dataset.Relabel(source, model.Classes)
	}
	return source, badInput(err)
}

// openFitting is openFor for examples that the model takes, and at least one.
func openFitting(model *modelfile.Model, term *terminal, path, part string) (dataset.Source, error) {
	source, err := openFor(model, term, path, part)
	if err != nil {
		return nil, err
	}
	info := source.Info()
	if !slices.Equal(info.Shape, model.Input) {
		return nil, badInputf("%s: examples of shape %v: the model takes %v", info.Name, info.Shape, model.Input)
	}
	if source.Len() == 0 {
		return nil, badInputf("%s: no examples", path)
	}
	return source, nil
}

// openPart opens a part of data for no model yet.
func openPart(term *terminal, path, part string) (dataset.Source, error) {
	split := dataset.Test
	if part == "train" {
		split = dataset.Train
	}
	opened := term.working(func() string { return "reading " + path })
	source, err := dataset.Open(path, split)
	var undivided *dataset.NoSplitError
	if errors.As(err, &undivided) {
		source, err = dataset.Open(path, dataset.Train)
	}
	opened()
	return source, badInput(err)
}

// printConfusion prints one row a class: recall, precision, and how often its
// examples were taken for each class.
func printConfusion(term *terminal, m *train.Metrics) {
	wide := 5
	for _, name := range m.Classes {
		wide = max(wide, len([]rune(name)))
	}
	short := min(wide, 6)
	fmt.Fprintf(term.Out, "%-*s  recall  precision   predicted as\n%-*s  %6s  %9s", wide, "class", wide, "", "", "")
	for _, name := range m.Classes {
		fmt.Fprintf(term.Out, " %*.*s", short, short, name)
	}
	fmt.Fprintln(term.Out)
	recall, precision := m.Recall(), m.Precision()
	for i, name := range m.Classes {
		fmt.Fprintf(term.Out, "%-*s  %6s  %9s", wide, name, percent(recall[i]), percent(precision[i]))
		for _, n := range m.Confusion[i] {
			if n == 0 {
				fmt.Fprintf(term.Out, " %*s", short, "·")
				continue
			}
			fmt.Fprintf(term.Out, " %*d", short, n)
		}
		fmt.Fprintln(term.Out)
	}
}

// percent leaves out what is not a number: the recall of a class without
// examples, the precision of one that is never predicted.
func percent(fraction float64) string {
	if math.IsNaN(fraction) {
		return "–"
	}
	return fmt.Sprintf("%.1f%%", 100*fraction)
}
