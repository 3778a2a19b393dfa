package train

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

// smallest returns the bytes of a checkpoint and a run that it could be of.
func smallest(t testing.TB) ([]byte, func() *run) {
	source, err := dataset.NewMemory("two", tensor.New[float32](2, 1), []int{0, 1}, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	fresh := func() (*modelfile.Model, Config) {
		model := &modelfile.Model{Net: nn.NewLinear[float32](1, 2, rand.New(rand.NewPCG(1, 1))), Input: []int{1}, Classes: []string{"a", "b"}}
		return model, Config{Train: source, BatchSize: 1, Epochs: 1, KeepBest: true, Step: optim.MomentumStep[float32](0.1)}
	}
	model, config := fresh()
	config.Checkpoints.Folder = t.TempDir()
	if _, err := Fit(context.Background(), model, config); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(config.Checkpoints.Folder, checkpointName(2)))
	if err != nil {
		t.Fatal(err)
	}
	return b, func() *run {
		r, err := newRun(fresh())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

// FuzzReadCheckpoint: whatever a checkpoint file holds, reading it, comparing
// it and taking it up end in an error or in a run that can go on.
func FuzzReadCheckpoint(f *testing.F) {
	good, newRun := smallest(f)
	f.Add(good)
	f.Add(good[:len(good)-4])
	f.Add([]byte("\x08\x00\x00\x00\x00\x00\x00\x00{}      "))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := parseCheckpoint[state]("checkpoint", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		r := newRun()
		if compare("checkpoint", c.Fingerprint, r.fingerprint) != nil || r.restore("checkpoint", c) != nil {
			return
		}
		if _, err := r.loop(t.Context()); err != nil {
			t.Log(err)
		}
	})
}

// TestRestoreRefuses: files that are whole but lack what the run needs.
func TestRestoreRefuses(t *testing.T) {
	good, newRun := smallest(t)
	path := filepath.Join(t.TempDir(), "checkpoint")
	for name, spoil := range map[string]func(*checkpoint[state]){
		"no weights":             func(c *checkpoint[state]) { delete(c.tensors, "model/weight") },
		"weights of another net": func(c *checkpoint[state]) { c.tensors["model/more"] = tensor.New[float32](1) },
		"longer weights":         func(c *checkpoint[state]) { c.tensors["model/weight"] = tensor.New[float32](3) },
		"no best weights":        func(c *checkpoint[state]) { delete(c.tensors, "best/bias") },
		"no optimiser":           func(c *checkpoint[state]) { delete(c.tensors, "optimizer/weight/velocity") },
		"no random state":        func(c *checkpoint[state]) { c.State.Random = nil },
		"negative steps":         func(c *checkpoint[state]) { c.State.Step = -1 },
		"negative batch":         func(c *checkpoint[state]) { c.State.Batch = -1 },
		"no stride":              func(c *checkpoint[state]) { c.State.History.Stride = 0 },
		"batch beyond the epoch": func(c *checkpoint[state]) { c.State.Batch, c.State.Running.Examples = 3, 3 },
		"no examples":            func(c *checkpoint[state]) { c.State.Batch = 1 },
		"no best":                func(c *checkpoint[state]) { c.State.Best = nil },
	} {
		if err := os.WriteFile(path, good, 0o666); err != nil {
			t.Fatal(err)
		}
		c, err := readCheckpoint[state](path)
		if err != nil {
			t.Fatal(err)
		}
		spoil(c)
		if err := c.write(path); err != nil {
			t.Fatal(err)
		}
		if c, err = readCheckpoint[state](path); err != nil {
			t.Fatal(err)
		}
		if err := newRun().restore(path, c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
