package report_test

import (
	"bytes"
	"fmt"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/report"
)

func curve() report.Figure {
	return report.Figure{Title: "training", X: "epoch", Panels: []report.Panel{
		{Y: "loss (nats)", Lines: []report.Line{
			{Name: "steps", X: []float64{0, 1, 2}, Y: []float64{2.3, 0.4, 0.2}, Faint: true},
			{Name: "validation", X: []float64{1, 2}, Y: []float64{0.3, 0.25}, Markers: true},
		}},
		{Y: "accuracy (%)", Legend: report.BottomRight, Lines: []report.Line{{Name: "validation", X: []float64{1, 2}, Y: []float64{91, 95}}}},
	}}
}

func Example() {
	err := report.Figure{}.Save("curve.gif")
	fmt.Println(err)
	// Output: curve.gif: a picture's name must end in .svg or .png
}

func TestFormats(t *testing.T) {
	var svg, raster bytes.Buffer
	if err := curve().Write(&svg, "svg"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<svg", "accuracy (%)", "validation"} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the SVG lacks %q", want)
		}
	}
	if err := curve().Write(&raster, "png"); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(&raster)
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X != 960 || size.Y != 760 {
		t.Errorf("the PNG measures %v, want 960×760", size)
	}
}

// A prediction has the colour of the measurement before it, and takes none from
// the lines that follow.
func TestPairsShareAColour(t *testing.T) {
	line := func(name string, same bool) report.Line {
		return report.Line{Name: name, X: []float64{0, 1}, Y: []float64{0, 1}, Same: same}
	}
	for second, want := range map[bool]string{true: "#D55E00", false: "#009E73"} {
		var svg bytes.Buffer
		lines := []report.Line{line("measured", false), line("predicted", second), line("other", false)}
		if err := (report.Figure{Panels: []report.Panel{{Lines: lines}}}).Write(&svg, "svg"); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(svg.String(), want) || strings.Contains(svg.String(), "#009E73") == second {
			t.Errorf("second line of the first's colour: %v; the third is not %s", second, want)
		}
	}
}

func TestUnequalOrInfiniteLinesAreRefused(t *testing.T) {
	for _, bad := range []report.Line{
		{Name: "short", X: []float64{1, 2}, Y: []float64{1}},
		{Name: "diverged", X: []float64{1}, Y: []float64{math.Inf(1)}},
	} {
		path := filepath.Join(t.TempDir(), "bad.svg")
		err := report.Figure{Panels: []report.Panel{{Lines: []report.Line{bad}}}}.Save(path)
		if err == nil || !strings.Contains(err.Error(), bad.Name) {
			t.Errorf("%s: got %v, want an error that names the line", bad.Name, err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: half a picture was left behind", bad.Name)
		}
	}
}
