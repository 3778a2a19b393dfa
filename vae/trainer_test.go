package vae_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/vae"
)

// TestTrainerGoesOn leaves training after every step, goes on with another
// trainer and another model, and wants the bits of a run that went through.
func TestTrainerGoesOn(t *testing.T) {
	x := linearData(50, 1)
	c := vae.Config{Objective: vae.Plain(), BatchSize: 16, Epochs: 3, WarmUp: 1, Seed: 7, Step: optim.AdamStep[float32](0.01)}
	whole := linearModel(6, 2, 1)
	want, err := vae.Fit(t.Context(), whole, x, c)
	if err != nil {
		t.Fatal(err)
	}
	state := vae.State{}
	for {
		m := linearModel(6, 2, uint64(state.Steps)+1)
		trainer, err := vae.NewTrainer(m, x, c)
		if err != nil {
			t.Fatal(err)
		}
		if state.Steps > 0 {
			if err := trainer.Restore(state); err != nil {
				t.Fatal(err)
			}
		}
		if trainer.Steps() == trainer.Total() {
			got, err := trainer.Finish(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Epochs, want.Epochs) || !slices.Equal(got.Variance, want.Variance) || len(want.Epochs) != 3 {
				t.Errorf("%+v, want %+v", got, want)
			}
			weights := maps.Collect(nn.Params[float32](m))
			for path, p := range nn.Params[float32](whole) {
				if !slices.Equal(weights[path].Value.Data, p.Value.Data) {
					t.Errorf("%s differs", path)
				}
			}
			return
		}
		if _, err := trainer.Step(); err != nil {
			t.Fatal(err)
		}
		state = trainer.State()
	}
}

func TestStatesRefused(t *testing.T) {
	x := linearData(50, 1)
	c := vae.Config{Objective: vae.Plain(), BatchSize: 16, Epochs: 3, Step: optim.AdamStep[float32](0.01)}
	for name, spoil := range map[string]func(*vae.State){
		"negative steps":     func(s *vae.State) { s.Steps = -1 },
		"too many steps":     func(s *vae.State) { s.Steps = 10 },
		"an epoch too many":  func(s *vae.State) { s.Epochs = make([]vae.Epoch, 1) },
		"no weights":         func(s *vae.State) { delete(s.Arrays, "model/encoder.0.weight") },
		"longer weights":     func(s *vae.State) { s.Arrays["model/decoder.0.bias"] = make([]float32, 7) },
		"weights of another": func(s *vae.State) { s.Arrays["model/more"] = nil },
		"no optimiser":       func(s *vae.State) { maps.DeleteFunc(s.Arrays, func(k string, _ []float32) bool { return k[0] == 'o' }) },
	} {
		trainer, err := vae.NewTrainer(linearModel(6, 2, 1), x, c)
		if err != nil {
			t.Fatal(err)
		}
		s := trainer.State()
		if err := trainer.Restore(s); err != nil {
			t.Fatalf("its own state: %v", err)
		}
		spoil(&s)
		if err := trainer.Restore(s); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestBoundMean learns dots that are black or white: a mean that cannot leave
// (0, 1) explains them better, from the same weights and in as many steps.
func TestBoundMean(t *testing.T) {
	x := make(rows, 128)
	for i := range x {
		x[i] = make([]float64, 12)
		for j := range x[i] {
			x[i][j] = float64((i>>(j%3) ^ j) & 1)
		}
	}
	mean := map[bool]float64{}
	for _, bound := range []bool{false, true} {
		m := vae.NewMLP[float32]([]int{12}, []int{16}, 3, vae.Gaussian, rand.New(rand.NewPCG(1, 2)))
		if bound {
			m.BoundMean(0.5)
		}
		if _, err := vae.Fit(t.Context(), m, x, vae.Config{Objective: vae.Plain(), BatchSize: 16, Epochs: 60, Step: optim.AdamStep[float32](0.01)}); err != nil {
			t.Fatal(err)
		}
		l, err := vae.Measure(t.Context(), m, x, vae.Measurement{Trained: vae.Plain(), Samples: 4})
		if err != nil {
			t.Fatal(err)
		}
		mean[bound] = l.Negative.Mean
		for _, v := range m.Sample(50, rand.New(rand.NewPCG(3, 4)), false).Data {
			if bound && !(v >= 0 && v <= 1) {
				t.Fatalf("a mean of %v: want it from 0 to 1", v)
			}
		}
	}
	if !(mean[true] < mean[false]-20) {
		t.Errorf("negative bound %v with a mean from 0 to 1, %v with any: want it at least 20 nats below", mean[true], mean[false])
	}
	defer func() {
		if recover() == nil {
			t.Error("no panic for a Bernoulli decoder")
		}
	}()
	vae.NewMLP[float32]([]int{2}, nil, 1, vae.Bernoulli, rand.New(rand.NewPCG(1, 2))).BoundMean(0.5)
}
