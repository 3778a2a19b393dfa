package modelfile_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// identity returns a model whose network is the identity on n numbers.
func identity(n int) *modelfile.Model {
	l := &nn.Linear[float32]{Weight: nn.NewParam[float32](n, n)}
	for i := range n {
		l.Weight.Value.Set(1, i, i)
	}
	return &modelfile.Model{Net: l, Input: []int{n}, Classes: make([]string, n)}
}

func TestPredictorPreprocesses(t *testing.T) {
	m := identity(2)
	m.Preprocess = modelfile.Preprocess{Mean: []float32{1, 10}, Std: []float32{2, 5}}
	p, err := m.NewPredictor()
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.From([]float32{3, 10, -1, 20}, 2, 2)
	y, err := p.Logits(x)
	if err != nil {
		t.Fatal(err)
	}
	if want := []float32{1, 0, -1, 2}; !slices.Equal(y.Data, want) {
		t.Errorf("logits: got %v, want %v", y.Data, want)
	}
	if want := []float32{3, 10, -1, 20}; !slices.Equal(x.Data, want) {
		t.Errorf("the caller's batch: got %v, want it untouched: %v", x.Data, want)
	}
	m.Preprocess = modelfile.Preprocess{Mean: []float32{1}, Std: []float32{2}}
	if y, _ := p.Logits(x); !slices.Equal(y.Data, []float32{1, 4.5, -1, 9.5}) {
		t.Errorf("one mean for all: got %v, want [1 4.5 -1 9.5]", y.Data)
	}
}

func TestProbabilities(t *testing.T) {
	m := identity(2)
	p, err := m.NewPredictor()
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Probabilities(tensor.From([]float32{0, 0, float32(math.Log(3)), 0, 1000, -1000}, 3, 2))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.5, 0.5, 0.75, 0.25, 1, 0} {
		if math.Abs(float64(got.Data[i])-want) > 1e-6 {
			t.Errorf("element %d: got %v, want %v", i, got.Data[i], want)
		}
	}
	m.Classes = nil
	if _, err := p.Probabilities(tensor.New[float32](1, 2)); err == nil {
		t.Error("a model without classes: accepted")
	}
	if _, err := p.Logits(tensor.New[float32](1, 3)); err == nil || !strings.Contains(err.Error(), "[1 3]: want [batch] and then [2]") {
		t.Errorf("a batch of another shape: got %v", err)
	}
}

func TestStandardize(t *testing.T) {
	p := modelfile.Standardize([]float64{1, 2, 3, 4}, []float64{1, 2, 0, 4})
	x := tensor.From([]float32{2, 6, 5, 0, 1, 2, 3, 4}, 2, 2, 2) // one mean for each feature
	p.Apply(x)
	if want := []float32{1, 2, 2, -1, 0, 0, 0, 0}; !slices.Equal(x.Data, want) {
		t.Errorf("each feature: got %v, want %v", x.Data, want)
	}
	x = tensor.From([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 1, 4, 2) // one for each channel
	p.Apply(x)
	if want := []float32{0, 1, 0.5, 1, 2, 3, 0.75, 1}; !slices.Equal(x.Data, want) {
		t.Errorf("each channel: got %v, want %v", x.Data, want)
	}
}
