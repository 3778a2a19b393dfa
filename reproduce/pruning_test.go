package reproduce

import (
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
)

// TestPruning runs the experiment small, on drawn digits: the exact step gives
// rows of zeros that come out without a change, the subgradient gives none.
func TestPruning(t *testing.T) {
	digits, err := dataset.Open("glyphs", dataset.Train)
	if err != nil {
		t.Fatal(err)
	}
	lab := NewLab("", 1)
	if lab.train, lab.test, err = dataset.HoldOut(dataset.First(digits, 1200), 0.2, 1); err != nil {
		t.Fatal(err)
	}
	trial := pruneTrial{spec: "mlp:24,16", lambdas: []float64{0.02, 0.05}, rate: 0.05, epochs: 8, after: 4, subgradient: 2, batch: 64}
	figures, err := trial.run(t.Context(), lab)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		switch {
		case strings.HasPrefix(f.Name, "hidden units removed"):
			if !(f.Value > 10 && f.Value < 100) {
				t.Errorf("%v%% of the units were removed", f.Value)
			}
		case strings.HasPrefix(f.Name, "change"), strings.HasPrefix(f.Name, "units of weights exactly 0"):
			if !f.Holds() {
				t.Errorf("%s: %v, beside %s", f.Name, f.Value, f.Beside)
			}
		}
	}
	if len(figures) != 6 || len(lab.drawn) != 1 {
		t.Errorf("%d figures and %d pictures", len(figures), len(lab.drawn))
	}
}
