package modelfile

import (
	"bytes"
	"io"
	"io/fs"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/nn"
)

// memory is a container whose files are in memory, for speed.
type memory map[string][]byte

func (memory) Close() error { return nil }

func (m memory) open(name string) (*member, error) {
	text, ok := m[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &member{bytes.NewReader(text), io.NopCloser(nil), name, int64(len(text))}, nil
}

// FuzzLoad: whatever the two files of a model hold, loading them ends in an
// error or in a model that is valid and can be described and written again.
func FuzzLoad(f *testing.F) {
	net := nn.Sequential[float32]{nn.NewLinear[float32](2, 2, rand.New(rand.NewPCG(1, 1))), nn.NewBatchNorm[float32](2), nn.ReLU[float32]{}}
	architecture, err := nn.Describe[float32](net)
	if err != nil {
		f.Fatal(err)
	}
	text, err := marshal(description{
		Format: formatName, Version: formatVersion, Architecture: architecture, Input: []int{2}, Classes: []string{"a", "b"},
		Preprocess: Preprocess{[]float32{1}, []float32{2}}, Priors: []float64{0.5, 0.5}, Training: Training{Metrics: map[string]float64{"loss": 1}},
	})
	if err != nil {
		f.Fatal(err)
	}
	var weights bytes.Buffer
	if err := WriteSafetensors(&weights, nil, Tensors(net)); err != nil {
		f.Fatal(err)
	}
	f.Add(text, weights.Bytes())
	f.Add([]byte("{}"), weights.Bytes())
	f.Add([]byte(`{"format":"gradus-model","version":1,"architecture":{"kind":"linear","weight":[1,1]},"input":[1],"classes":["a"],"training":{}}`), weights.Bytes())
	f.Fuzz(func(t *testing.T, text, weights []byte) {
		m, err := load(memory{descriptionName: text, weightsName: weights}, nil)
		if err != nil {
			return
		}
		if err := m.Validate(); err != nil {
			t.Fatalf("a model that was loaded is not valid: %v", err)
		}
		architecture, err := m.Architecture()
		if err != nil {
			t.Fatalf("a model that was loaded cannot be described: %v", err)
		}
		if _, err := marshal(description{Architecture: architecture, Input: m.Input, Preprocess: m.Preprocess, Priors: m.Priors, Training: m.Training}); err != nil {
			t.Fatalf("a model that was loaded cannot be written: %v", err)
		}
	})
}
