//go:build !race

// Under the race detector sync.Pool drops what it holds, to find races.

package train

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

func TestStepAllocatesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := tensor.New[float32](32, 1, 6, 6)
	tensor.Normal(x, rng, 0, 1)
	labels := make([]int, 32)
	source, err := dataset.NewMemory("noise", x, labels, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range []string{"mlp:16;dropout=0.2", "mlp:16;bn", "cnn:4/8"} {
		net, err := nn.Parse[float32](spec, []int{1, 6, 6}, 2, rng)
		if err != nil {
			t.Fatal(err)
		}
		model := &modelfile.Model{Net: net, Input: []int{1, 6, 6}, Classes: []string{"a", "b"}, Preprocess: modelfile.Preprocess{Mean: []float32{1}, Std: []float32{2}}}
		seen := 0
		r, err := newRun(model, Config{
			Train: source, BatchSize: 32, Steps: 1, Step: optim.AdamWStep[float32](1e-3, 1e-4), LabelSmoothing: 0.1,
			Adversarial: &Adversarial{Attack: attack.PGD(attack.LInf(0.1), attack.Everywhere(), 2, 0.1)},
			Observer:    Observer{Step: func(StepEvent) { seen++ }},
		})
		if err != nil {
			t.Fatal(err)
		}
		batch := &dataset.Batch{X: x.Clone(), Labels: labels, Indices: labels}
		step := func() {
			if err := r.step(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
		}
		step()
		step()
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("%s: a step allocates %v times, want 0", spec, n)
		}
		if seen != r.Step {
			t.Errorf("%s: the observer saw %d of %d steps", spec, seen, r.Step)
		}
	}
}
