package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/report"
)

func TestDots(t *testing.T) {
	d := report.Dots{Panels: []report.DotPanel{{X: "class", Y: "frequency (%)", Categories: []string{"a", "b"}, FromZero: true,
		Series: []report.DotSeries{{Name: "now", Values: []float64{10, 90}, Low: []float64{5, 80}, High: []float64{15, 95}}}}}}
	var svg bytes.Buffer
	if err := d.Write(&svg, "svg"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<svg", "frequency (%)", "now"} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the SVG lacks %q", want)
		}
	}
	d.Panels[0].Series[0].Low = nil
	if err := d.Write(&svg, "svg"); err == nil {
		t.Error("intervals with one end were drawn")
	}
}
