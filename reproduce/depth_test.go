package reproduce

import (
	"testing"

	"github.com/gradus-ml/gradus/dataset"
)

// TestDeepAccuracy trains small networks on drawn digits: by a scheme that asks
// for data, and by one that there is not.
func TestDeepAccuracy(t *testing.T) {
	source, err := dataset.Open("glyphs", dataset.Train)
	if err != nil {
		t.Fatal(err)
	}
	source = dataset.First(source, 6000)
	accuracy, err := deepAccuracy(t.Context(), NewLab("", 1), source, source, deepPlain{"mlp:32x2", "preserve"})
	if err != nil || !(accuracy > 0.3 && accuracy <= 1) {
		t.Errorf("accuracy %v, %v: want well above chance, 0.1", accuracy, err)
	}
	if _, err := deepAccuracy(t.Context(), NewLab("", 1), source, source, deepPlain{"mlp:8", "kaiming"}); err == nil {
		t.Error("a scheme that is none: got no error")
	}
}
