package reproduce

import (
	"io"
	"math"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
)

// TestAutoencoders runs the experiment small, on drawn digits: its claims about
// order hold there too, and its pictures can be drawn.
func TestAutoencoders(t *testing.T) {
	digits, err := dataset.Open("glyphs", dataset.Train)
	if err != nil {
		t.Fatal(err)
	}
	lab := NewLab("", 1)
	a := autoencoders{lab: lab, train: dataset.First(digits, 1500), test: dataset.Subset(digits, []int{2000, 2001, 2002, 2003, 2004, 2005, 2006, 2007, 2008, 2009}), hidden: 32, latent: 4, epochs: 8, weighted: 5}
	figures, err := a.run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(figures) != 17 || len(lab.drawn) != 2 {
		t.Fatalf("%d figures, %d pictures: want 17 and 2", len(figures), len(lab.drawn))
	}
	averaged, rate, optimal := figures[0], figures[1], figures[4]
	if !rate.Holds() || !(optimal.Value < averaged.Value-50) {
		t.Errorf("averaged error: %v nats at a rate of %v; optimal σ %v: want no rate, and far less", averaged.Value, rate.Value, optimal.Value)
	}
	for _, f := range figures {
		if math.IsNaN(f.Value) {
			t.Errorf("%s is NaN", f.Name)
		}
	}
	for _, d := range lab.drawn {
		if err := d.Picture.Write(io.Discard, "png"); err != nil {
			t.Errorf("%s: %v", d.File, err)
		}
	}
}
