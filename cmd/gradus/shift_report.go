package main

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/shift"
)

// verdict says in one line what the figures mean.
func (r *shiftResult) verdict(in *shiftInput) string {
	moved := 0
	for k := range r.target {
		if math.Abs(r.target[k]-r.train[k]) > math.Abs(r.target[moved]-r.train[moved]) {
			moved = k
		}
	}
	gain := fmt.Sprintf("%+.2f points of accuracy expected", 100*r.expected.Gain.Mean)
	if r.measured != nil {
		gain += fmt.Sprintf(", %+.2f measured", 100*r.measured.Gain.Mean)
	}
	if r.recounted != nil {
		gain += fmt.Sprintf("; %+.2f of the expected ones come of the frequencies, the rest of calibration", 100*r.recounted.Gain.Mean)
	}
	switch {
	case r.measured != nil && r.measured.Gain.Mean < 0:
		return fmt.Sprintf("leave the model as it is: correcting loses accuracy on the labelled examples (%s); calibrate with --source, the probabilities do not fit", gain)
	case r.labelShift != nil && r.labelShift.PValue < 0.01:
		return fmt.Sprintf("the classes themselves look different: no change of frequencies explains this data (p = %.2g), so do not rely on the correction (%s)", r.labelShift.PValue, gain)
	case r.estimated && r.priors != nil && r.priors.PValue > 0.05 && r.calibration != nil:
		return fmt.Sprintf("no change of frequencies is seen (p = %.2g); correcting for calibration and what was estimated brings %s", r.priors.PValue, gain)
	case r.estimated && r.priors != nil && r.priors.PValue > 0.05:
		return fmt.Sprintf("no change of frequencies is seen (p = %.2g): leave the model as it is", r.priors.PValue)
	}
	if r.estimated && r.calibration == nil {
		return fmt.Sprintf("if the model's probabilities are calibrated, the frequencies changed, most of all class %s from %.1f%% to %.1f%%, and correcting brings %s; --source finds out", in.classes[moved], 100*r.train[moved], 100*r.target[moved], gain)
	}
	return fmt.Sprintf("the frequencies changed, most of all class %s from %.1f%% to %.1f%%; correcting brings %s", in.classes[moved], 100*r.train[moved], 100*r.target[moved], gain)
}

// print writes the result for people.
func (r *shiftResult) print(term *terminal, in *shiftInput, c *shiftCommand) {
	w := term.Out
	fmt.Fprintf(w, "%s: %d examples", in.name, in.target.Rows())
	if r.calibration != nil {
		fmt.Fprintf(w, "; calibrated on %d labelled ones, loss %.4f to %.4f nats", in.source.Rows(), r.calibration.Before, r.calibration.After)
	}
	fmt.Fprint(w, "\n\n")
	printTable(term, r.frequencyTable(in))
	fmt.Fprintln(w)
	printTable(term, r.accuracyTable())
	fmt.Fprintln(w)
	if r.priors != nil {
		fmt.Fprintf(w, "frequencies as in training: chi-square %.1f, %d degrees of freedom, p = %.2g\n", r.priors.Statistic, r.priors.Degrees, r.priors.PValue)
	}
	if r.labelShift != nil {
		fmt.Fprintf(w, "nothing but frequencies changed: chi-square %.1f, %d degrees of freedom, p = %.2g\n", r.labelShift.Statistic, r.labelShift.Degrees, r.labelShift.PValue)
	}
	for _, warning := range r.warnings {
		fmt.Fprintf(w, "note: %s\n", warning)
	}
	if c.Save != "" {
		fmt.Fprintf(w, "model: %s\n", c.Save)
	}
	if c.Plot != "" {
		fmt.Fprintf(w, "picture: %s\n", c.Plot)
	}
	fmt.Fprintf(w, "\nverdict: %s\n", r.verdict(in))
}

// halfWidth is that of the interval of an estimate.
func halfWidth(e losses.Estimate) float64 { return e.Interval(shiftConfidence).High - e.Mean }

// printJSON writes the result for programs.
func (r *shiftResult) printJSON(term *terminal, in *shiftInput, c *shiftCommand) error {
	type estimate struct {
		Mean number `json:"mean"`
		Low  number `json:"low"`
		High number `json:"high"`
	}
	accuracy := func(a *shift.Accuracy) map[string]estimate {
		if a == nil {
			return nil
		}
		of := func(e losses.Estimate) estimate {
			i := e.Interval(shiftConfidence)
			return estimate{number(e.Mean), number(i.Low), number(i.High)}
		}
		return map[string]estimate{"before": of(a.Before), "after": of(a.After), "gain": of(a.Gain)}
	}
	test := func(t *shift.Test) any {
		if t == nil {
			return nil
		}
		return map[string]any{"statistic": number(t.Statistic), "degrees": t.Degrees, "p_value": number(t.PValue)}
	}
	notes := append([]string{}, r.warnings...)
	intervals := make([][2]number, len(r.intervals))
	for k, i := range r.intervals {
		intervals[k] = [2]number{number(i.Low), number(i.High)}
	}
	return json.NewEncoder(term.Out).Encode(map[string]any{
		"examples": in.target.Rows(), "source_examples": in.source.Rows(), "classes": in.classes,
		"train_prior": numbers(r.train), "target_prior": numbers(r.target), "applied_prior": numbers(r.applied), "estimated": r.estimated,
		"intervals": intervals, "confidence": shiftConfidence, "resamples": len(intervals) / max(1, len(intervals)) * c.Resamples, "seed": c.Seed,
		"true_prior": numbers(in.frequencies()), "scale": number(r.correction.Scale), "bias": numbers(r.correction.Bias),
		"expected": accuracy(r.expected), "expected_after_calibration": accuracy(r.recounted), "measured": accuracy(r.measured),
		"test_priors": test(r.priors), "test_label_shift": test(r.labelShift),
		"notes": notes, "model": c.Save, "picture": c.Plot, "verdict": r.verdict(in),
	})
}

// picture shows the frequencies of the classes above the accuracies.
func (r *shiftResult) picture(in *shiftInput) report.Dots {
	series := func(name string, values []float64) report.DotSeries {
		s := report.DotSeries{Name: name}
		for _, v := range values {
			s.Values = append(s.Values, 100*v)
		}
		return s
	}
	now := series("given", r.target)
	if r.estimated {
		now.Name = "estimated"
	}
	for _, i := range r.intervals {
		now.Low, now.High = append(now.Low, 100*i.Low), append(now.High, 100*i.High)
	}
	if r.intervals != nil {
		now.Name += ", 95% interval"
	}
	priors := report.DotPanel{X: "class", Y: "frequency (%)", Categories: in.classes, FromZero: true, Legend: report.TopRight,
		Series: []report.DotSeries{series("training", r.train), now}}
	if f := in.frequencies(); f != nil {
		priors.Series = append(priors.Series, series("true", f))
	}
	accuracies := report.DotPanel{X: "decisions", Y: "accuracy (%)", Categories: []string{"of the model", "corrected"}, Legend: report.TopLeft}
	add := func(name string, a *shift.Accuracy) {
		s := series(name, []float64{a.Before.Mean, a.After.Mean})
		for _, e := range []losses.Estimate{a.Before, a.After} {
			i := e.Interval(shiftConfidence)
			s.Low, s.High = append(s.Low, 100*i.Low), append(s.High, 100*i.High)
		}
		accuracies.Series = append(accuracies.Series, s)
	}
	add("expected, 95% interval", r.expected)
	if r.measured != nil {
		add("measured, 95% interval", r.measured)
	}
	return report.Dots{Title: "class frequencies and accuracy: " + in.name, Panels: []report.DotPanel{priors, accuracies}}
}
