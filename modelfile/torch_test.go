package modelfile_test

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/tensor"
)

// TestTorchModel loads a model that PyTorch made and expects PyTorch's logits.
// The files are made by bench/peers/read_safetensors.py, which also checks the
// way back, on the folder that GRADUS_SAVE_MODEL names.
func TestTorchModel(t *testing.T) {
	m, err := modelfile.Load("testdata/torch")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile("testdata/torch/batch.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	batch := readAll(t, b)
	predictor, err := m.NewPredictor()
	if err != nil {
		t.Fatal(err)
	}
	got, err := predictor.Logits(batch["x"])
	if err != nil {
		t.Fatal(err)
	}
	size := 0.0
	for _, want := range batch["logits"].Data {
		size = max(size, math.Abs(float64(want)))
	}
	for i, want := range batch["logits"].Data {
		if d := math.Abs(float64(got.Data[i] - want)); !(d <= 1e-5*size) {
			t.Errorf("logit %d: got %v, PyTorch has %v", i, got.Data[i], want)
		}
	}

	folder := os.Getenv("GRADUS_SAVE_MODEL")
	if folder == "" {
		folder = t.TempDir()
	}
	if err := m.Save(folder); err != nil {
		t.Fatal(err)
	}
	ours := map[string]*tensor.Tensor[float32]{"x": batch["x"], "logits": got}
	err = modelfile.WriteFile(filepath.Join(folder, "batch.safetensors"), func(w io.Writer) error {
		return modelfile.WriteSafetensors(w, nil, ours)
	})
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/torch/weights.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	saved, err := os.ReadFile(filepath.Join(folder, "weights.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(readAll(t, want), readAll(t, saved)); d != "" {
		t.Errorf("weights of PyTorch and weights saved again:\n%s", d)
	}
}
