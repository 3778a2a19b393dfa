package train

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

// digits returns a run on pictures of MNIST's shape, of noise.
func digits(b *testing.B) *run {
	const n = 6400
	rng := rand.New(rand.NewPCG(1, 1))
	shape, classes := []int{1, 28, 28}, make([]string, 10)
	x, labels := tensor.New[float32](append([]int{n}, shape...)...), make([]int, n)
	tensor.Normal(x, rng, 0, 1)
	for i := range labels {
		labels[i] = rng.IntN(len(classes))
	}
	source, err := dataset.NewMemory("noise", x, labels, classes)
	if err != nil {
		b.Fatal(err)
	}
	net, err := nn.Parse[float32]("mlp:512,256", shape, len(classes), rng)
	if err != nil {
		b.Fatal(err)
	}
	r, err := newRun(
		&modelfile.Model{Net: net, Input: shape, Classes: classes, Preprocess: modelfile.Preprocess{Mean: []float32{0}, Std: []float32{1}}},
		Config{Train: source, BatchSize: 128, Shuffle: true, Epochs: 1, Step: optim.AdamStep[float32](1e-4)},
	)
	if err != nil {
		b.Fatal(err)
	}
	return r
}

// BenchmarkStep is steps on a batch that is there already; BenchmarkEpoch is
// 50 of them with loading. Loading costs what the second is above 50 times the
// first.
func BenchmarkStep(b *testing.B) {
	r := digits(b)
	for batch, err := range r.loader.Batches(b.Context(), 0, 0) {
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if err := r.step(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
		}
		break
	}
}

func BenchmarkEpoch(b *testing.B) {
	r := digits(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.epoch(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckpoint(b *testing.B) {
	r := digits(b)
	r.config.Checkpoints.Folder = b.TempDir()
	for b.Loop() {
		r.Step++
		if err := r.save(); err != nil {
			b.Fatal(err)
		}
	}
}
