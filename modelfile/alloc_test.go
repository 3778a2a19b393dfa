//go:build !race

// Under the race detector sync.Pool drops what it holds, to find races.

package modelfile_test

import (
	"testing"

	"github.com/gradus-ml/gradus/tensor"
)

func TestPredictingAllocatesNothing(t *testing.T) {
	p, err := newModel(t, 1).NewPredictor()
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.New[float32](8, 3, 2, 2)
	predict := func() {
		if _, err := p.Probabilities(x); err != nil {
			t.Fatal(err)
		}
	}
	predict()
	predict()
	if n := testing.AllocsPerRun(20, predict); n != 0 {
		t.Fatalf("a prediction allocates %v times, want 0", n)
	}
}
