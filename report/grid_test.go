package report_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/report"
)

// pixel is the colour in the middle of the only image of a grid.
func pixel(t *testing.T, i report.Image) color.RGBA {
	t.Helper()
	var b bytes.Buffer
	if err := (report.Grid{Rows: []report.GridRow{{Images: []report.Image{i}}}}).Write(&b, "png"); err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(&b)
	if err != nil {
		t.Fatal(err)
	}
	at := image.Pt((84+24)*2, (22+24)*2) // two pixels a point
	return color.RGBAModel.Convert(picture.At(at.X, at.Y)).(color.RGBA)
}

func TestGridColours(t *testing.T) {
	for _, test := range []struct {
		name string
		i    report.Image
		want color.RGBA
	}{
		{"black", report.Image{Shape: []int{1, 1, 1}, Data: []float32{-1}}, color.RGBA{A: 255}},
		{"white", report.Image{Shape: []int{1, 1, 1}, Data: []float32{2}}, color.RGBA{255, 255, 255, 255}},
		{"no number", report.Image{Shape: []int{1, 1, 1}, Data: []float32{float32(math.NaN())}}, color.RGBA{A: 255}},
		{"red", report.Image{Shape: []int{3, 1, 1}, Data: []float32{1, 0, 0}}, color.RGBA{R: 255, A: 255}},
		{"no difference", report.Image{Shape: []int{1, 1, 1}, Data: []float32{0}, Signed: 0.1}, color.RGBA{255, 255, 255, 255}},
		{"lower", report.Image{Shape: []int{1, 1, 1}, Data: []float32{-0.1}, Signed: 0.1}, color.RGBA{0, 114, 178, 255}},
		{"higher", report.Image{Shape: []int{1, 1, 1}, Data: []float32{0.1}, Signed: 0.1}, color.RGBA{213, 94, 0, 255}},
	} {
		if got := pixel(t, test.i); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestGridFormatsAndErrors(t *testing.T) {
	one := report.Image{Caption: "seven", Shape: []int{1, 2, 1}, Data: []float32{0, 1}}
	grid := report.Grid{Title: "digits", Rows: []report.GridRow{{Name: "clean", Images: []report.Image{one, one}}}}
	var svg bytes.Buffer
	if err := grid.Write(&svg, "svg"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"digits", "clean", "seven", "data:image/png;"} {
		if !strings.Contains(svg.String(), want) {
			t.Errorf("the SVG lacks %q", want)
		}
	}
	for name, bad := range map[string]report.Grid{
		"empty": {},
		"shape": {Rows: []report.GridRow{{Images: []report.Image{{Shape: []int{2, 1, 1}, Data: []float32{1, 1}}}}}},
		"size":  {Rows: []report.GridRow{{Images: []report.Image{{Shape: []int{1, 1, 1}}}}}},
	} {
		if bad.Write(&svg, "svg") == nil {
			t.Errorf("%s: drawn", name)
		}
	}
	if grid.Write(&svg, "gif") == nil {
		t.Error("a GIF was drawn")
	}
}
