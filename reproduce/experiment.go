package reproduce

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"
)

// Experiment is something to measure.
type Experiment struct {
	Name  string // one word, for --only
	Title string
	About string // a paragraph in Markdown: what is measured, and how
	Long  bool   // takes more than minutes: only when asked for

	// Run measures. It tells lab.Say what it does.
	Run func(ctx context.Context, lab *Lab) ([]Figure, error)
}

// Figure is one measured number.
type Figure struct {
	Name   string
	Value  float64
	Format string // of Value and the band, as in fmt: "%.2f%%" with Value in percent, "%.1e"

	// Low and High are the band that the value must lie in; ±Inf where it is
	// open. Beside is the published or the peer's figure with its source, or
	// what was predicted.
	Low, High float64
	Beside    string
}

// Experiments lists those whose name begins with prefix, in the order of the
// page.
func Experiments(prefix string) []Experiment {
	all := []Experiment{
		robustness(),
		robustnessLong(),
		binary(),
		initialisation(),
		depth(),
		clustering(),
		pruning(),
		autoencoder(),
		calibration(),
		priorShift(),
	}
	var chosen []Experiment
	for _, e := range all {
		if strings.HasPrefix(e.Name, prefix) {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

// Measure runs the experiment.
func (e Experiment) Measure(ctx context.Context, lab *Lab) (*Outcome, error) {
	start := time.Now()
	lab.drawn = nil
	figures, err := e.Run(ctx, lab)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", e.Name, err)
	}
	o := &Outcome{Experiment: e.Name, Title: e.Title, About: e.About, Seed: lab.Seed, Seconds: time.Since(start).Seconds(), Drawings: lab.drawn}
	for _, f := range figures {
		o.Figures = append(o.Figures, f.row())
	}
	for _, d := range lab.drawn {
		o.Pictures = append(o.Pictures, Picture{d.File, d.Caption})
	}
	return o, nil
}

// AtLeast, AtMost, Between and Shown make figures with the band that their
// name says; Shown has none.
func AtLeast(name string, value float64, format string, low float64, beside string) Figure {
	return Figure{Name: name, Value: value, Format: format, Low: low, High: math.Inf(1), Beside: beside}
}

// AtMost is described with [AtLeast].
func AtMost(name string, value float64, format string, high float64, beside string) Figure {
	return Figure{Name: name, Value: value, Format: format, Low: math.Inf(-1), High: high, Beside: beside}
}

// Between is described with [AtLeast].
func Between(name string, value float64, format string, low, high float64, beside string) Figure {
	return Figure{Name: name, Value: value, Format: format, Low: low, High: high, Beside: beside}
}

// Shown is described with [AtLeast].
func Shown(name string, value float64, format string, beside string) Figure {
	return Figure{Name: name, Value: value, Format: format, Low: math.Inf(-1), High: math.Inf(1), Beside: beside}
}

// Holds reports whether the value lies in its band; NaN lies in none but the
// open one.
func (f Figure) Holds() bool {
	return f.Low <= f.Value && f.Value <= f.High || math.IsInf(f.Low, -1) && math.IsInf(f.High, 1)
}

// Band is the band in words, "" for an open one.
func (f Figure) Band() string {
	text := func(v float64) string { return fmt.Sprintf(f.Format, v) }
	switch {
	case math.IsInf(f.Low, -1) && math.IsInf(f.High, 1):
		return ""
	case math.IsInf(f.High, 1):
		return "≥ " + text(f.Low)
	case math.IsInf(f.Low, -1):
		return "≤ " + text(f.High)
	}
	return text(f.Low) + " to " + text(f.High)
}

func (f Figure) row() Row {
	r := Row{Name: f.Name, Shown: fmt.Sprintf(f.Format, f.Value), Band: f.Band(), Holds: f.Holds(), Beside: f.Beside}
	if !math.IsNaN(f.Value) && !math.IsInf(f.Value, 0) {
		r.Value = &f.Value
	}
	return r
}
