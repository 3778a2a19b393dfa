package report_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/report"
)

func TestMatrix(t *testing.T) {
	m := report.Matrix{Title: "confusion", X: "predicted", Y: "class", Categories: []string{"cat", "dog"},
		Shares: [][]float64{{0.75, 0.25}, {math.NaN(), 0}}}
	var svg bytes.Buffer
	if err := m.Write(&svg, "svg"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<svg", "predicted", "dog", "#0072B2", "#D55E00"} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the SVG lacks %q", want)
		}
	}
	for _, bad := range [][][]float64{{{1, 0}}, {{1}, {0, 1}}, {{1, 0}, {0, 1.5}}} {
		m.Shares = bad
		if err := m.Write(&svg, "svg"); err == nil {
			t.Errorf("%v was drawn", bad)
		}
	}
}

func TestIntervalsOfALine(t *testing.T) {
	f := report.Figure{X: "x", Panels: []report.Panel{{Y: "y", Lines: []report.Line{
		{Name: "measured", Points: true, X: []float64{1, 2}, Y: []float64{3, 4}, Low: []float64{2, 3}, High: []float64{5, 6}},
	}}}}
	var svg bytes.Buffer
	if err := f.Write(&svg, "svg"); err != nil || !strings.Contains(svg.String(), "measured") {
		t.Errorf("error %v, picture %d bytes", err, svg.Len())
	}
	f.Panels[0].Lines[0].High = nil
	if err := f.Write(&svg, "svg"); err == nil {
		t.Error("intervals with one end were drawn")
	}
}
