package main

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/train"
)

// report writes the files that were asked for, then the result.
func (e *evaluation) report(term *terminal, model *modelfile.Model) error {
	c := e.flags
	if c.Save != "" {
		if err := e.calibration.save(model, c.Save); err != nil {
			return err
		}
	}
	if c.Plot != "" {
		if err := savePicture(c.Plot, e.calibration.picture()); err != nil {
			return err
		}
	}
	if err := c.saveReport(term, e.page); err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(term)
	}
	m, w := e.metrics, term.Out
	fmt.Fprintf(w, "%s on %s: accuracy %.2f%%, loss %.4f nats, over %d examples\n\n", c.Model, e.name, 100*m.Accuracy, m.Loss, m.Examples)
	printConfusion(term, m)
	if r := e.calibration; r != nil {
		fmt.Fprintf(w, "\ncalibration %s\n\n", r.about())
		for _, t := range r.tables() {
			printTable(term, t)
			fmt.Fprintln(w)
		}
	}
	if c.Save != "" {
		fmt.Fprintf(w, "model: %s\n", c.Save)
	}
	if c.Plot != "" {
		fmt.Fprintf(w, "picture: %s\n", c.Plot)
	}
	_, err := fmt.Fprintf(w, "\nverdict: %s\n", e.verdict())
	return err
}

// verdict says in one line what the figures mean.
func (e *evaluation) verdict() string {
	m := e.metrics
	i := losses.Wilson(right(m), m.Examples, evaluateConfidence)
	text := fmt.Sprintf("right on %.1f%% (95%% interval %.1f to %.1f)", 100*m.Accuracy, 100*i.Low, 100*i.High)
	weakest := -1
	recall := m.Recall()
	for k, v := range recall {
		if v < 1 && (weakest < 0 || v < recall[weakest]) {
			weakest = k
		}
	}
	if weakest >= 0 {
		taken := (weakest + 1) % len(m.Classes)
		for k, n := range m.Confusion[weakest] {
			if k != weakest && n > m.Confusion[weakest][taken] {
				taken = k
			}
		}
		text += fmt.Sprintf(", least often on class %s (%s), which it takes for %s", m.Classes[weakest], percent(recall[weakest]), m.Classes[taken])
	}
	if e.calibration != nil {
		text += "; " + e.calibration.verdict()
	}
	return text
}

func right(m *train.Metrics) int {
	n := 0
	for k := range m.Confusion {
		n += m.Confusion[k][k]
	}
	return n
}

// about says what was fitted and measured on what.
func (r *calibrated) about() string {
	text := fmt.Sprintf("measured on %d examples", r.measured)
	if r.after == nil {
		return text + "; " + r.why()
	}
	return text + fmt.Sprintf("; temperature %.4g, fitted on %d others: %s", r.temperature.Temperature(), r.fitted, r.fittedOn)
}

// tables are the figures of the calibration.
func (r *calibrated) tables() []report.Table {
	both := []*losses.Assessment{r.before}
	header := []string{"", "before"}
	if r.after != nil {
		both, header = append(both, r.after), append(header, "after")
	}
	figures := report.Table{Header: header, Caption: "Probabilities of all classes, and how far that of the answer is from how often it is right."}
	row := func(name string, of func(*losses.Assessment) string) {
		cells := []string{name}
		for _, a := range both {
			cells = append(cells, of(a))
		}
		figures.Rows = append(figures.Rows, cells)
	}
	estimate := func(v losses.Estimate) string {
		return fmt.Sprintf("%.4f ± %.4f", v.Mean, v.Interval(evaluateConfidence).High-v.Mean)
	}
	points := func(v float64) string { return fmt.Sprintf("%.2f%%", 100*v) }
	row("log score (nats)", func(a *losses.Assessment) string { return estimate(a.LogScore) })
	row("Brier score", func(a *losses.Assessment) string { return estimate(a.Brier) })
	row("calibration error", func(a *losses.Assessment) string { return points(a.Error.Expected) })
	row("  less its bias", func(a *losses.Assessment) string { return points(a.Error.Debiased) })
	row("  largest in a bin", func(a *losses.Assessment) string { return points(a.Error.Maximum) })
	row("p-value, calibrated", func(a *losses.Assessment) string { return fmt.Sprintf("%.2g", a.PValue) })
	parts := report.Table{
		Caption: "Scores of “the answer is right”: score = miscalibration − discrimination + uncertainty, each with its 95% bootstrap interval; that of miscalibration leans upward, it fits noise.",
		Header:  []string{"", "score", "miscalibration", "discrimination", "uncertainty"},
	}
	for i := range r.before.Parts {
		for j, a := range both {
			p := a.Parts[i]
			cells := []string{p.Name + ", " + header[1+j]}
			for _, v := range []struct {
				value    float64
				interval losses.Interval
			}{{p.Mean, p.Intervals.Mean}, {p.Miscalibration, p.Intervals.Miscalibration}, {p.Discrimination, p.Intervals.Discrimination}, {p.Uncertainty, p.Intervals.Uncertainty}} {
				cells = append(cells, fmt.Sprintf("%.4f (%.4f to %.4f)", v.value, v.interval.Low, v.interval.High))
			}
			parts.Rows = append(parts.Rows, cells)
		}
	}
	return []report.Table{figures, parts}
}

// printTable prints a table in columns, its caption, if any, first.
func printTable(term *terminal, t report.Table) {
	rows := append([][]string{t.Header}, t.Rows...)
	wide := make([]int, len(t.Header))
	for _, row := range rows {
		for j, cell := range row {
			wide[j] = max(wide[j], len([]rune(cell)))
		}
	}
	if t.Caption != "" {
		fmt.Fprintln(term.Out, t.Caption)
	}
	for _, row := range rows {
		line := fmt.Sprintf("%-*s", wide[0], row[0])
		for j, cell := range row[1:] {
			line += fmt.Sprintf("  %*s", wide[1+j], cell)
		}
		fmt.Fprintln(term.Out, line)
	}
}

// picture is the reliability diagram.
func (r *calibrated) picture() report.Figure {
	forecasters := []report.Forecaster{{Name: "before, 95% intervals", Bins: r.before.Bins}}
	if r.after != nil {
		forecasters = append(forecasters, report.Forecaster{Name: fmt.Sprintf("after, temperature %.3g", r.temperature.Temperature()), Bins: r.after.Bins})
	}
	return report.Reliability(fmt.Sprintf("reliability on %d examples", r.measured), forecasters...)
}

// answers is the part of the report on the answers.
func (e *evaluation) answers() report.Section {
	m := e.metrics
	return report.Section{
		Title:    "Answers",
		Text:     fmt.Sprintf("Accuracy %.2f%%, loss %.4f nats, over %d examples of %s.", 100*m.Accuracy, m.Loss, m.Examples, e.name),
		Pictures: []report.Captioned{{Picture: confusionPicture(m), Caption: "How often each class is taken for which: the area of a square is its share of the class, blue where the answer is right."}, {Picture: recallPicture(m), Caption: "Recall of each class with its 95% interval, and precision."}},
		Tables:   []report.Table{confusionTable(m)},
	}
}

// page is the report.
func (e *evaluation) page() report.Page {
	page := report.Page{
		Title: fmt.Sprintf("How good is %s?", e.flags.Model), Verdict: e.verdict(),
		Sections: []report.Section{e.answers()},
		Made:     []report.Fact{{Name: "data", Value: fmt.Sprintf("%s, %d examples", e.name, e.metrics.Examples)}, {Name: "seed", Value: strconv.FormatUint(e.flags.Seed, 10)}},
	}
	if r := e.calibration; r != nil {
		page.Sections = append(page.Sections, report.Section{
			Title:    "Calibration",
			Text:     "The probabilities were " + r.about() + ".",
			Pictures: []report.Captioned{{Picture: r.picture(), Caption: "Of the answers given with a probability, how many are right. On the dashed line the probabilities are true."}},
			Tables:   r.tables(),
		})
	}
	return page
}

func confusionPicture(m *train.Metrics) report.Matrix {
	p := report.Matrix{Title: "confusion", X: "predicted class", Y: "class", Categories: m.Classes}
	for _, row := range m.Confusion {
		total := 0
		for _, n := range row {
			total += n
		}
		shares := make([]float64, len(row))
		for k, n := range row {
			shares[k] = float64(n) / float64(total)
		}
		p.Shares = append(p.Shares, shares)
	}
	return p
}

func recallPicture(m *train.Metrics) report.Dots {
	recall, precision := report.DotSeries{Name: "recall, 95% interval"}, report.DotSeries{Name: "precision"}
	values := m.Precision()
	for k, v := range m.Recall() {
		total := 0
		for _, n := range m.Confusion[k] {
			total += n
		}
		i := losses.Wilson(m.Confusion[k][k], total, evaluateConfidence)
		recall.Values, precision.Values = append(recall.Values, 100*v), append(precision.Values, 100*values[k])
		recall.Low, recall.High = append(recall.Low, 100*i.Low), append(recall.High, 100*i.High)
	}
	return report.Dots{Title: "recall and precision", Panels: []report.DotPanel{{X: "class", Y: "%", Categories: m.Classes, Legend: report.BottomLeft, Series: []report.DotSeries{recall, precision}}}}
}

func confusionTable(m *train.Metrics) report.Table {
	t := report.Table{Caption: "A row for each class, a column for each answer.", Header: append([]string{"class", "recall", "precision"}, m.Classes...)}
	recall, precision := m.Recall(), m.Precision()
	for i, name := range m.Classes {
		row := []string{name, percent(recall[i]), percent(precision[i])}
		for _, n := range m.Confusion[i] {
			row = append(row, strconv.Itoa(n))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (e *evaluation) printJSON(term *terminal) error {
	m := e.metrics
	result := struct {
		*train.Metrics
		Recall      []number       `json:"recall"`
		Precision   []number       `json:"precision"`
		Calibration map[string]any `json:"calibration,omitempty"`
		Verdict     string         `json:"verdict"`
	}{m, numbers(m.Recall()), numbers(m.Precision()), nil, e.verdict()}
	if r := e.calibration; r != nil {
		c := e.flags
		result.Calibration = map[string]any{
			"fitted_on": r.fittedOn, "fitted_examples": r.fitted, "measured_examples": r.measured, "temperature": number(r.temperature.Temperature()),
			"before": assessmentJSON(r.before), "after": assessmentJSON(r.after), "confidence": evaluateConfidence, "bins": c.Bins, "resamples": c.Resamples, "seed": c.Seed,
			"model": c.Save, "picture": c.Plot,
		}
	}
	return json.NewEncoder(term.Out).Encode(result)
}

// assessmentJSON is nil for nil.
func assessmentJSON(a *losses.Assessment) any {
	if a == nil {
		return nil
	}
	type bounds struct {
		Value number `json:"value"`
		Low   number `json:"low"`
		High  number `json:"high"`
	}
	of := func(v float64, i losses.Interval) bounds { return bounds{number(v), number(i.Low), number(i.High)} }
	mean := func(v losses.Estimate) bounds { return of(v.Mean, v.Interval(evaluateConfidence)) }
	result := map[string]any{
		"accuracy": a.Accuracy, "log_score": mean(a.LogScore), "brier": mean(a.Brier), "calibration_error": number(a.Error.Expected),
		"calibration_error_debiased": number(a.Error.Debiased), "calibration_error_maximum": number(a.Error.Maximum), "p_value": number(a.PValue),
	}
	for _, p := range a.Parts {
		result["answer_"+map[string]string{"Brier": "brier", "log": "log"}[p.Name]] = map[string]bounds{
			"score": of(p.Mean, p.Intervals.Mean), "miscalibration": of(p.Miscalibration, p.Intervals.Miscalibration),
			"discrimination": of(p.Discrimination, p.Intervals.Discrimination), "uncertainty": of(p.Uncertainty, p.Intervals.Uncertainty),
		}
	}
	return result
}
