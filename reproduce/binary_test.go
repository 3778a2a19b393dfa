package reproduce

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
)

// TestBinary runs the experiment small, on drawn digits: the network in bits is
// that of signs, and averaging helps drawn networks.
func TestBinary(t *testing.T) {
	digits, err := dataset.Open("glyphs", dataset.Train)
	if err != nil {
		t.Fatal(err)
	}
	lab := NewLab("", 1)
	if lab.train, lab.test, err = dataset.HoldOut(dataset.First(digits, 1600), 0.25, 1); err != nil {
		t.Fatal(err)
	}
	b := binaryTrial{hidden: []int{48, 32}, epochs: 5, sharpness: 4, networks: 5, calibration: 600, accuracy: 30}
	figures, err := b.run(t.Context(), lab)
	if err != nil {
		t.Fatal(err)
	}
	if len(figures) != 9 {
		t.Fatalf("%d figures", len(figures))
	}
	if signs, inBits := figures[0], figures[1]; !signs.Holds() || math.Abs(signs.Value-inBits.Value) > 0.5 {
		t.Errorf("accuracy %v, in bits %v", signs.Value, inBits.Value)
	}
	straight, alone, together, signsTempered, ensembleTempered := figures[2].Value, figures[3].Value, figures[4].Value, figures[6].Value, figures[7].Value
	// By Jensen's inequality the average is never worse than the mean of its parts.
	if !(together < alone) {
		t.Errorf("log score of the ensemble %v, of its networks %v", together, alone)
	}
	if figures[4].High != straight || figures[7].High != signsTempered {
		t.Error("the ensemble is not held against the signs")
	}
	for _, v := range []float64{straight, together, signsTempered, ensembleTempered} {
		if !(v > 0 && v < math.Log(10)) {
			t.Errorf("a log score of %v: want it better than that of knowing nothing", v)
		}
	}
	if b.spec() != "mlp:48,32" {
		t.Error(b.spec())
	}
}

// TestTempered: logits that are sound but thrice too large are as good, at their
// temperature, as themselves.
func TestTempered(t *testing.T) {
	z := losses.Logits{Table: losses.Table{Classes: 2}}
	var labels []int
	for i := range 400 { // the first class with log odds 1: 73 in a hundred
		label := 0
		if i%100 >= 73 {
			label = 1
		}
		z.Data, labels = append(z.Data, 3, 0), append(labels, label)
	}
	got, err := tempered(z, labels, 1)
	if err != nil {
		t.Fatal(err)
	}
	want := -0.73*math.Log(0.73) - 0.27*math.Log(0.27)
	if math.Abs(got-want) > 1e-3 {
		t.Errorf("log score %v, want the entropy %v", got, want)
	}
	z.Data[0] = math.Inf(1)
	if _, err := tempered(z, labels, 1); err == nil {
		t.Error("an infinite logit is no error")
	}
}
