package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/shift"
)

// page is the report.
func (r *shiftResult) page(in *shiftInput, c *shiftCommand) report.Page {
	frequencies := report.Section{
		Title:    "Frequencies and accuracy",
		Text:     fmt.Sprintf("%d examples of %s.", in.target.Rows(), in.name),
		Pictures: []report.Captioned{{Picture: r.picture(in), Caption: "Above, the frequencies of the classes; below, the accuracy of the model's own answers and of the corrected ones."}},
		Tables:   []report.Table{r.frequencyTable(in), r.accuracyTable()},
	}
	if r.calibration != nil {
		frequencies.Text += fmt.Sprintf(" Calibrated on %d labelled ones, whose loss fell from %.4f to %.4f nats.", in.source.Rows(), r.calibration.Before, r.calibration.After)
	}
	tests := report.Section{Title: "Tests"}
	add := func(hypothesis string, t *shift.Test) {
		if t != nil {
			tests.Tables[0].Rows = append(tests.Tables[0].Rows, []string{hypothesis, fmt.Sprintf("%.1f", t.Statistic), strconv.Itoa(t.Degrees), fmt.Sprintf("%.2g", t.PValue)})
		}
	}
	tests.Tables = []report.Table{{Header: []string{"hypothesis", "chi-square", "degrees of freedom", "p-value"}}}
	add("the frequencies are those of training", r.priors)
	add("nothing but frequencies changed", r.labelShift)
	page := report.Page{
		Title: fmt.Sprintf("Did the population of %s change?", c.Model), Verdict: r.verdict(in),
		Sections: []report.Section{frequencies, tests},
		Made:     []report.Fact{{Name: "data", Value: fmt.Sprintf("%s, %d examples", in.name, in.target.Rows())}, {Name: "seed", Value: strconv.FormatUint(c.Seed, 10)}},
	}
	if len(r.warnings) > 0 {
		page.Sections = append(page.Sections, report.Section{Title: "Notes", Text: strings.Join(r.warnings, "\n\n")})
	}
	return page
}

func (r *shiftResult) frequencyTable(in *shiftInput) report.Table {
	how := "given"
	if r.estimated {
		how = "estimated"
	}
	t := report.Table{Header: []string{"class", "training", how}}
	actual := in.frequencies()
	if r.intervals != nil {
		t.Header = append(t.Header, "95% interval")
	}
	if actual != nil {
		t.Header = append(t.Header, "true")
	}
	share := func(v float64) string { return fmt.Sprintf("%.2f%%", 100*v) }
	for k, name := range in.classes {
		row := []string{name, share(r.train[k]), share(r.target[k])}
		if r.intervals != nil {
			row = append(row, fmt.Sprintf("%.2f to %.2f%%", 100*r.intervals[k].Low, 100*r.intervals[k].High))
		}
		if actual != nil {
			row = append(row, share(actual[k]))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (r *shiftResult) accuracyTable() report.Table {
	t := report.Table{Header: []string{"accuracy", "before", "after", "gain, in points"}}
	add := func(name string, a *shift.Accuracy) {
		if a == nil {
			return
		}
		show := func(e losses.Estimate) string { return fmt.Sprintf("%.2f%% ± %.2f", 100*e.Mean, 100*halfWidth(e)) }
		t.Rows = append(t.Rows, []string{name, show(a.Before), show(a.After), fmt.Sprintf("%+.2f ± %.2f", 100*a.Gain.Mean, 100*halfWidth(a.Gain))})
	}
	add("expected", r.expected)
	add("measured", r.measured)
	return t
}
