package modelfile_test

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
)

func TestWithLogits(t *testing.T) {
	folded := newModel(t, 1)
	added := *folded
	added.Net = nn.Sequential[float32]{folded.Net}
	for name, m := range map[string]*modelfile.Model{"folded": folded, "added": &added} {
		before := logits(t, m)
		changed, err := m.WithLogits(0.5, []float64{1, -2, math.Inf(-1)})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range logits(t, changed) {
			want := []float32{before[i]/2 + 1, before[i]/2 - 2, -1e30}[i%3]
			if math.Abs(float64(v-want)) > 1e-5*math.Max(1, math.Abs(float64(want))) {
				t.Errorf("%s: logit %d is %v, want %v", name, i, v, want)
			}
		}
		for i, v := range logits(t, m) {
			if v != before[i] {
				t.Fatalf("%s: the model itself changed", name)
			}
		}
	}
	for _, bad := range [][]float64{{1, 2}, {0, 0, math.NaN()}, {0, 0, math.Inf(1)}} {
		if _, err := folded.WithLogits(1, bad); err == nil {
			t.Errorf("biases %v: want an error", bad)
		}
	}
}
