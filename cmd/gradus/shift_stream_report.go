package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/shift"
)

// event writes one JSON line.
func (s *shiftStream) event(name string, fields map[string]any) error {
	fields["event"] = name
	return json.NewEncoder(s.term.Out).Encode(fields)
}

// tellRow prints one row, at once.
func (s *shiftStream) tellRow(plain, answer int, corrected []float64) error {
	if s.flags.JSON {
		return s.event("row", map[string]any{
			"row": s.Rows, "class": s.classes[answer], "label": answer, "uncorrected": plain, "probabilities": numbers(corrected),
			"prior": numbers(s.tracker.Prior()), "log_evidence": number(s.tracker.Evidence()), "alarm": s.tracker.Alarm(),
		})
	}
	line := fmt.Sprintf("row %d: class %s %.1f%%", s.Rows, s.classes[answer], 100*corrected[answer])
	if plain != answer {
		line += fmt.Sprintf(" (uncorrected %s)", s.classes[plain])
	}
	comma := "; frequencies"
	for _, k := range s.moved(3) {
		line += fmt.Sprintf("%s %s %.1f%%", comma, s.classes[k], 100*s.tracker.Prior()[k])
		comma = ","
	}
	_, err := fmt.Fprintf(s.term.Out, "%s; evidence of a shift 10^%.1f\n", line, max(0, s.tracker.Evidence())/math.Ln10)
	return err
}

// tellAlarm prints that the alarm rings.
func (s *shiftStream) tellAlarm() error {
	if s.flags.JSON {
		return s.event("alarm", map[string]any{"row": s.Rows, "prior": numbers(s.tracker.Prior()), "log_evidence": number(s.tracker.Evidence())})
	}
	_, err := fmt.Fprintf(s.term.Out, "ALARM at row %d: the frequencies are no longer those of training; by chance it rings once in %g rows at most\n", s.Rows, s.flags.Alarm)
	return err
}

// tellBad prints that a line was passed over.
func (s *shiftStream) tellBad(line int, cause error) error {
	if s.flags.JSON {
		return s.event("error", map[string]any{"line": line, "error": cause.Error()})
	}
	_, err := fmt.Fprintf(s.term.Err, "passed over: %v\n", cause)
	return err
}

// moved are the classes whose frequencies moved most, at most n of them, in the
// order of the classes.
func (s *shiftStream) moved(n int) []int {
	order := make([]int, len(s.train))
	for k := range order {
		order[k] = k
	}
	distance := func(k int) float64 { return math.Abs(s.tracker.Prior()[k] - s.train[k]) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(distance(b), distance(a)) })
	order = order[:min(n, len(order))]
	slices.Sort(order)
	return order
}

// end keeps the state, writes the files that were asked for and the summary,
// and returns what ended the stream.
func (s *shiftStream) end(cause error) error {
	interrupted := errors.Is(cause, context.Canceled)
	if cause != nil && !interrupted {
		return errors.Join(s.keep(), cause)
	}
	if s.Rows == s.before {
		switch {
		case interrupted:
			return cause
		case s.bad > 0:
			return badInputf("%s", s.badText)
		}
		return badInputf("standard input: no rows")
	}
	if err := s.keep(); err != nil {
		return err
	}
	if path := s.flags.Plot; path != "" {
		if err := savePicture(path, s.picture()); err != nil {
			return err
		}
	}
	if err := s.flags.saveReport(s.term, s.page); err != nil {
		return err
	}
	if err := s.summary(); err != nil {
		return err
	}
	if interrupted {
		text := fmt.Sprintf("stopped after %d rows", s.Rows)
		if s.flags.State != "" {
			text += fmt.Sprintf("; --state %s goes on from there", shellWord(s.flags.State))
		}
		return stoppedError{text}
	}
	if s.bad > 0 {
		return badInputf("lines passed over: %d, the first: %s", s.bad, s.badText)
	}
	return nil
}

// summary prints what the stream came to.
func (s *shiftStream) summary() error {
	if s.flags.JSON {
		return s.event("summary", map[string]any{
			"rows": s.Rows, "rows_before": s.before, "lines_passed_over": s.bad, "answers_changed": s.Changed, "classes": s.classes, "train_prior": numbers(s.train),
			"prior": numbers(s.tracker.Prior()), "log_evidence": number(s.tracker.Evidence()), "alarm": s.tracker.Alarm(), "alarm_row": s.AlarmRow,
			"forgetting": s.flags.Forgetting, "threshold": s.flags.Alarm, "state": s.flags.State, "picture": s.flags.Plot, "verdict": s.verdict(),
		})
	}
	w := s.term.Out
	fmt.Fprintf(w, "\n%d rows", s.Rows)
	if s.before > 0 {
		fmt.Fprintf(w, ", %d of them before", s.before)
	}
	fmt.Fprintf(w, "; %d answers changed\n", s.Changed)
	printTable(s.term, s.table())
	for _, f := range []struct{ what, path string }{{"state", s.flags.State}, {"picture", s.flags.Plot}} {
		if f.path != "" {
			fmt.Fprintf(w, "%s: %s\n", f.what, f.path)
		}
	}
	_, err := fmt.Fprintf(w, "\nverdict: %s\n", s.verdict())
	return err
}

// verdict says in one line where the stream stands.
func (s *shiftStream) verdict() string {
	k := s.moved(1)[0]
	now := fmt.Sprintf("class %s went from %.1f%% to %.1f%%", s.classes[k], 100*s.train[k], 100*s.tracker.Prior()[k])
	switch {
	case s.AlarmRow > 0:
		return fmt.Sprintf("the alarm rang at row %d: the frequencies left those of training; %s, and %d of %d answers were changed for it", s.AlarmRow, now, s.Changed, s.Rows)
	case s.calibration == nil:
		return fmt.Sprintf("no alarm in %d rows, if the probabilities are calibrated: --source makes sure of it", s.Rows)
	}
	return fmt.Sprintf("no alarm in %d rows: the frequencies are those of training as far as the stream tells", s.Rows)
}

func (s *shiftStream) table() report.Table {
	t := report.Table{Caption: "Frequencies of the classes.", Header: []string{"class", "training", "now"}}
	for k, name := range s.classes {
		t.Rows = append(t.Rows, []string{name, fmt.Sprintf("%.2f%%", 100*s.train[k]), fmt.Sprintf("%.2f%%", 100*s.tracker.Prior()[k])})
	}
	return t
}

// streamHistory is the course of a stream, some hundreds of points of it
// however long it is.
type streamHistory struct {
	points []streamPoint
	stride int
}

type streamPoint struct {
	row      int
	prior    []float64
	evidence float64 // log10(1 + S)
}

func (h *streamHistory) add(row int, t *shift.Tracker) {
	const most = 600
	h.stride = max(1, h.stride)
	if row%h.stride != 0 {
		return
	}
	e := t.Evidence() // log S: log(1 + S) without overflow
	h.points = append(h.points, streamPoint{row, slices.Clone(t.Prior()), (max(e, 0) + math.Log1p(math.Exp(-math.Abs(e)))) / math.Ln10})
	if len(h.points) > most {
		h.stride *= 2
		h.points = slices.DeleteFunc(h.points, func(p streamPoint) bool { return p.row%h.stride != 0 })
	}
}

// picture is the course of the frequencies that moved most, above the evidence.
func (s *shiftStream) picture() report.Figure {
	const shown = 5
	frequencies := report.Panel{Y: "frequency (%)", Legend: report.TopLeft, Lo: 0, Hi: 1}
	for _, k := range s.moved(shown) {
		line := report.Line{Name: "class " + s.classes[k]}
		for _, p := range s.history.points {
			line.X, line.Y = append(line.X, float64(p.row)), append(line.Y, 100*p.prior[k])
			frequencies.Hi = max(frequencies.Hi, 160*p.prior[k]) // room for the legend
		}
		frequencies.Lines = append(frequencies.Lines, line)
	}
	alarm := math.Log10(1 + s.flags.Alarm)
	evidence, threshold := report.Line{Name: "evidence"}, report.Line{Name: "alarm", Dashed: true}
	for _, p := range s.history.points {
		if p.evidence > 2*alarm { // or a change that is sure leaves the alarm on the axis
			evidence.Name = "evidence, up to twice the alarm"
		}
		evidence.X, evidence.Y = append(evidence.X, float64(p.row)), append(evidence.Y, min(p.evidence, 2*alarm))
		threshold.X, threshold.Y = append(threshold.X, float64(p.row)), append(threshold.Y, alarm)
	}
	return report.Figure{
		Title:  "class frequencies along the stream, as the rows tell them",
		X:      "row",
		Panels: []report.Panel{frequencies, {Y: "log10(1 + evidence)", Legend: report.TopLeft, Lo: 0, Hi: 3 * alarm, Lines: []report.Line{evidence, threshold}}},
	}
}

// page is the report.
func (s *shiftStream) page() report.Page {
	return report.Page{
		Title: fmt.Sprintf("Did the population of %s change?", s.flags.Model), Verdict: s.verdict(),
		Sections: []report.Section{{
			Title:    "Along the stream",
			Text:     fmt.Sprintf("%d rows; about %.0f of them are remembered. The alarm rings by chance once in %g rows or less often.", s.Rows, 1/s.flags.Forgetting, s.flags.Alarm),
			Pictures: []report.Captioned{{Picture: s.picture(), Caption: "Above, the frequencies of the classes that moved most; below, the evidence that they are no longer those of training."}},
			Tables:   []report.Table{s.table()},
		}},
		Made: []report.Fact{{Name: "rows", Value: strconv.Itoa(s.Rows)}},
	}
}
