package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/report"
)

// statsResult is what gradus stats found.
type statsResult struct {
	flags     *statsCommand
	data      string
	examples  int
	table     *moments.Table
	diagnosis moments.Diagnosis
}

// report writes the files that were asked for, then the result.
func (r *statsResult) report(term *terminal) error {
	c := r.flags
	if c.Plot != "" {
		if err := savePicture(c.Plot, r.figure()); err != nil {
			return err
		}
	}
	if c.Histograms != "" {
		if err := savePicture(c.Histograms, r.histograms()); err != nil {
			return err
		}
	}
	if err := c.saveReport(term, r.page); err != nil {
		return err
	}
	if c.JSON {
		return r.printJSON(term)
	}
	_, err := fmt.Fprintf(term.Out, "%s: %d examples, %d layers of weights, %s\npredicted %s, and measured in brackets\n\n%s\n%sverdict: %s\n",
		r.name(), r.examples, len(r.weighing()), r.mode(), r.predicted(), r.table, r.findings(), r.verdict())
	return err
}

// name says what is followed through what.
func (r *statsResult) name() string {
	if r.flags.untrained() {
		return fmt.Sprintf("%s, drawn by %s, on %s", r.flags.Model, r.flags.Init, r.data)
	}
	return fmt.Sprintf("%s on %s", r.flags.Model, r.data)
}

func (r *statsResult) mode() string {
	if r.flags.mode() == moments.Training {
		return "training"
	}
	return "evaluating"
}

func (r *statsResult) predicted() string {
	if r.flags.Fixed {
		return "for these weights"
	}
	return "for the mean over draws of the weights"
}

// weighing are the layers whose outputs have the scale that weights give.
func (r *statsResult) weighing() []moments.Row {
	var rows []moments.Row
	for _, row := range r.table.Rows {
		if row.Weighs() {
			rows = append(rows, row)
		}
	}
	return rows
}

// findings is the diagnosis in words, nothing where it is good.
func (r *statsResult) findings() string {
	if len(r.diagnosis) == 0 {
		return ""
	}
	return r.diagnosis.String() + "\n"
}

// verdict is the first finding, and how many more there are.
func (r *statsResult) verdict() string {
	if len(r.diagnosis) == 0 {
		return fmt.Sprintf("signal and gradient keep their size through %d layers of weights: depth does not stand in the way of training", len(r.weighing()))
	}
	first := r.diagnosis[0]
	text := fmt.Sprintf("%s; %s", first.Text, first.Advice)
	if more := len(r.diagnosis) - 1; more > 0 {
		var causes []string
		for _, f := range r.diagnosis[1:] {
			causes = append(causes, string(f.Cause))
		}
		text += fmt.Sprintf(" (and %s)", strings.Join(causes, ", "))
	}
	return text
}

// printJSON writes the result for programs.
func (r *statsResult) printJSON(term *terminal) error {
	type values struct {
		Mean      number             `json:"mean"`
		Variance  number             `json:"variance"`
		Likeness  number             `json:"likeness"`
		Gradient  number             `json:"gradient"`
		Constant  *number            `json:"constant,omitempty"`
		Histogram *moments.Histogram `json:"histogram,omitempty"`
	}
	type row struct {
		Path      string `json:"path"`
		Kind      string `json:"kind"`
		Shape     []int  `json:"shape"`
		Weighs    bool   `json:"weighs"`
		Predicted values `json:"predicted"`
		Measured  values `json:"measured"`
	}
	rows := make([]row, len(r.table.Rows))
	for i, of := range r.table.Rows {
		p, m := of.Predicted, *of.Measured
		constant := number(m.Constant)
		rows[i] = row{of.Path, of.Kind, of.Shape, of.Weighs(),
			values{number(p.Mean), number(p.Variance), number(p.Likeness), number(p.Gradient), nil, nil},
			values{number(m.Mean), number(m.Variance), number(m.Likeness), number(m.Gradient), &constant, m.Histogram}}
	}
	result := map[string]any{
		"model": r.flags.Model, "data": r.data, "examples": r.examples, "seed": r.flags.Seed, "mode": r.mode(), "fixed": r.flags.Fixed,
		"rows": rows, "diagnosis": append(moments.Diagnosis{}, r.diagnosis...), "verdict": r.verdict(),
	}
	if r.flags.untrained() {
		result["init"] = r.flags.Init
	}
	return json.NewEncoder(term.Out).Encode(result)
}

// figure is variance, gradient and likeness over the layers of weights.
func (r *statsResult) figure() report.Figure {
	f := report.Figure{Title: r.name(), X: "layer of weights (0 is the input)"}
	rows := append([]moments.Row{r.table.Rows[0]}, r.weighing()...)
	for _, q := range []struct {
		label        string
		of           func(moments.Values) float64
		legend, rise report.Corner // where there is room, for a line that falls and one that rises
	}{
		{"variance", func(v moments.Values) float64 { return v.Variance }, report.TopRight, report.TopLeft},
		{"gradient² (output = 1)", func(v moments.Values) float64 { return v.Gradient }, report.TopRight, report.BottomRight},
	} {
		measured, predicted := report.Line{Name: "measured", Markers: true}, report.Line{Name: "predicted", Dashed: true}
		for i, row := range rows {
			addPositive(&measured, i, q.of(*row.Measured))
			addPositive(&predicted, i, q.of(row.Predicted))
		}
		panel := report.Panel{Y: q.label, LogY: true, Lo: 0.1, Hi: 10, Legend: q.legend}
		if y := measured.Y; len(y) > 1 && y[len(y)-1] > y[0] {
			panel.Legend = q.rise
		}
		for _, l := range []report.Line{measured, predicted} {
			if len(l.X) > 0 {
				panel.Lines = append(panel.Lines, l)
			}
		}
		if len(panel.Lines) > 0 {
			f.Panels = append(f.Panels, panel)
		}
	}
	likeness := report.Panel{Y: "cosine of two examples", Lo: 0, Hi: 1, Legend: report.BottomRight}
	measured, predicted := report.Line{Name: "measured", Markers: true}, report.Line{Name: "predicted", Dashed: true}
	for i, row := range rows {
		addFinite(&measured, i, row.Measured.Likeness)
		addFinite(&predicted, i, row.Predicted.Likeness)
	}
	likeness.Lines = []report.Line{measured, predicted}
	f.Panels = append(f.Panels, likeness)
	return f
}

// addFinite adds a point unless it cannot be drawn.
func addFinite(l *report.Line, layer int, y float64) {
	if !math.IsNaN(y) && !math.IsInf(y, 0) {
		l.X, l.Y = append(l.X, float64(layer)), append(l.Y, y)
	}
}

// addPositive is addFinite for a logarithmic axis.
func addPositive(l *report.Line, layer int, y float64) {
	if y > 0 {
		addFinite(l, layer, y)
	}
}

// histograms is how the outputs of three layers of weights are distributed.
func (r *statsResult) histograms() report.Figure {
	rows := r.weighing()
	panel := report.Panel{Y: "density", Legend: report.TopRight}
	var at, normal []float64
	for i, row := range rows {
		if i != 0 && i != len(rows)/2 && i != len(rows)-1 || row.Measured.Histogram == nil {
			continue
		}
		l := report.Line{Name: fmt.Sprintf("layer %d, deviation %.2g", i+1, math.Sqrt(row.Measured.Variance)), Steps: true}
		l.X, l.Y, normal = row.Measured.Histogram.Density()
		at = l.X
		panel.Lines = append(panel.Lines, l)
	}
	if at != nil {
		panel.Lines = append(panel.Lines, report.Line{Name: "normal", X: at, Y: normal, Dashed: true})
	}
	return report.Figure{Title: r.name(), X: "output − mean (in deviations of the layer)", Panels: []report.Panel{panel}}
}

// page is the report.
func (r *statsResult) page() report.Page {
	layers := report.Table{Caption: "Every layer, " + r.mode() + ": predicted " + r.predicted() + ", and measured.",
		Header: []string{"layer", "kind", "output", "variance", "measured", "cosine", "measured", "gradient²", "measured"}}
	real := func(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }
	for _, row := range r.table.Rows {
		p, m := row.Predicted, *row.Measured
		layers.Rows = append(layers.Rows, []string{row.Path, row.Kind, fmt.Sprint(row.Shape),
			real(p.Variance), real(m.Variance), real(p.Likeness), real(m.Likeness), real(p.Gradient), real(m.Gradient)})
	}
	found := report.Section{Title: "Diagnosis", Text: strings.TrimSpace(r.diagnosis.String())}
	if len(r.diagnosis) > 0 {
		t := report.Table{Header: []string{"cause", "what is seen", "what to do"}}
		for _, f := range r.diagnosis {
			t.Rows = append(t.Rows, []string{string(f.Cause), f.Text, f.Advice})
		}
		found.Text, found.Tables = "", []report.Table{t}
	}
	return report.Page{
		Title: fmt.Sprintf("Does the signal survive in %s?", r.flags.Model), Verdict: r.verdict(),
		Sections: []report.Section{
			{Title: "Forwards and backwards",
				Text:     "The variance of the outputs of every layer of weights, the second moment of the gradient relative to that at the output, and how alike two examples are: predicted " + r.predicted() + ", and measured.",
				Pictures: []report.Captioned{{Picture: r.figure(), Caption: "Variance, gradient and likeness over the layers of " + r.name() + "."}}},
			found,
			{Title: "Distribution",
				Text:     "The prediction takes what enters an activation as normal.",
				Pictures: []report.Captioned{{Picture: r.histograms(), Caption: "How the outputs of three layers of weights are distributed, each in its own deviations."}}},
			{Title: "Layers", Tables: []report.Table{layers}},
		},
		Made: []report.Fact{{Name: "data", Value: fmt.Sprintf("%s, %d examples", r.data, r.examples)}, {Name: "seed", Value: strconv.FormatUint(r.flags.Seed, 10)}},
	}
}
