package modelfile_test

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/tensor"
)

func TestPreparedAndUndone(t *testing.T) {
	x := tensor.From([]float32{10, 300, 14, 500}, 2, 2)
	source, err := dataset.NewMemory("rows", x, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := modelfile.Standardize([]float64{12, 400}, []float64{2, 100})
	got := tensor.New[float32](2, 2)
	for i := range 2 {
		if label, err := p.Source(source).Read(i, got.Row(i)); err != nil || label != -1 {
			t.Fatal(label, err)
		}
	}
	for i, want := range []float32{-1, -1, 1, 1} {
		if got.Data[i] != want {
			t.Errorf("prepared %v at %d, want %v", got.Data[i], i, want)
		}
	}
	p.Undo(got)
	for i, v := range got.Data {
		if math.Abs(float64(v/x.Data[i]-1)) > 1e-6 {
			t.Errorf("undone %v at %d, want %v", v, i, x.Data[i])
		}
	}
	if plain := (modelfile.Preprocess{}); plain.Source(source) != dataset.Source(source) {
		t.Error("nothing to prepare makes another source")
	}
}
