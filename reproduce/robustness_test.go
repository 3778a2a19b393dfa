package reproduce

import (
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
)

// TestRobustness runs the experiment small, on drawn digits: no attack finds
// what is proved not to be there, and every figure and the picture come out.
func TestRobustness(t *testing.T) {
	digits, err := dataset.Open("glyphs", dataset.Train)
	if err != nil {
		t.Fatal(err)
	}
	lab := NewLab("", 1)
	lab.train, lab.test = dataset.First(digits, 640), dataset.Subset(digits, []int{2000, 2001, 2002, 2003})
	lab.Unfinished = t.TempDir()
	said := map[string]bool{}
	lab.Say = func(what string) { said[strings.Fields(what)[0]] = true }
	p := robustPlan{filters: 4, units: 20, natural: 1, epochs: 1, steps: 1, stepSize: 0.3, images: 4, restarts: 1, proved: 4, fgsm: 1, pgd: 1}
	figures, err := p.run(t.Context(), lab)
	if err != nil {
		t.Fatal(err)
	}
	if len(figures) != 2+2*4*len(robustRadii()) || len(lab.drawn) != 1 {
		t.Fatalf("%d figures and %d pictures", len(figures), len(lab.drawn))
	}
	for i, f := range figures {
		if !(f.Value >= 0 && f.Value <= 100) || math.IsNaN(f.Value) {
			t.Errorf("%s: %v%%", f.Name, f.Value)
		}
		if !strings.HasSuffix(f.Name, ": certified") {
			continue
		}
		for _, attacked := range figures[i-3 : i] { // noise, FGSM, PGD
			if f.Value > attacked.Value {
				t.Errorf("%s: %v%%, but %s leaves %v%%", f.Name, f.Value, attacked.Name, attacked.Value)
			}
		}
	}
	for _, word := range []string{"natural", "adversarial", "attacking", "certifying"} {
		if !said[word] {
			t.Errorf("nothing was said of %s", word)
		}
	}
	if err := lab.drawn[0].Picture.Write(io.Discard, "svg"); err != nil {
		t.Error(err)
	}

	// A second run takes up the checkpoint of the training against attacks,
	// which is at its end.
	clear(said)
	again, err := p.run(t.Context(), lab)
	if err != nil {
		t.Fatal(err)
	}
	if said["adversarial"] || !slices.Equal(again, figures) {
		t.Errorf("a second run trains again: %t, and finds\n%v\ninstead of\n%v", said["adversarial"], again, figures)
	}
}
