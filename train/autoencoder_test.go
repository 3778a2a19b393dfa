package train_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/dataset/glyphs"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
	"github.com/gradus-ml/gradus/vae"
)

func autoencoder(t *testing.T) (*modelfile.Model, train.AutoencoderConfig) {
	t.Helper()
	o := glyphs.Default()
	o.Size = 10
	g, err := glyphs.New(o)
	if err != nil {
		t.Fatal(err)
	}
	digits, err := dataset.NewGlyphs(g, 60)
	if err != nil {
		t.Fatal(err)
	}
	net := vae.NewMLP[float32](digits.Info().Shape, []int{12}, 3, vae.Gaussian, rand.New(rand.NewPCG(1, 1)))
	model := &modelfile.Model{Net: net, Input: net.Input, Preprocess: modelfile.Standardize([]float64{0.2}, []float64{0.4})}
	return model, train.AutoencoderConfig{
		Config: vae.Config{Objective: vae.Plain(), BatchSize: 16, Epochs: 4, Seed: 3, Step: optim.AdamStep[float32](3e-3)},
		Train:  digits,
	}
}

// TestAutoencoderResumes stops a run after every few steps, damages its newest
// checkpoint once, and wants the weights of a run that went through.
func TestAutoencoderResumes(t *testing.T) {
	whole, c := autoencoder(t)
	want, err := train.FitAutoencoder(t.Context(), whole, c)
	if err != nil {
		t.Fatal(err)
	}
	if whole.Training.Steps != 12 || whole.Training.Epochs != 4 {
		t.Errorf("training %+v: want 12 steps in 4 epochs", whole.Training)
	}
	c.Checkpoints = train.Checkpoints{Folder: t.TempDir(), EverySteps: 1}
	skipped := 0
	for attempt := 0; ; attempt++ {
		ctx, cancel := context.WithCancel(t.Context())
		model, _ := autoencoder(t)
		taken := 0
		c.Resume = attempt > 0
		c.OnStep = func(train.AutoencoderStep) {
			if taken++; taken == 5 {
				cancel()
			}
		}
		c.Resumed = func(r train.Resumption) { skipped += len(r.Skipped) }
		got, err := train.FitAutoencoder(ctx, model, c)
		cancel()
		if err == nil {
			if !slices.Equal(got.Epochs, want.Epochs) || !slices.Equal(got.Variance, want.Variance) {
				t.Errorf("%+v, want %+v", got, want)
			}
			weights := modelfile.Tensors(model.Net)
			for path, x := range modelfile.Tensors(whole.Net) {
				if !slices.Equal(weights[path].Data, x.Data) {
					t.Errorf("%s differs", path)
				}
			}
			break
		}
		var stopped *train.InterruptedError
		if !errors.As(err, &stopped) || stopped.Unsaved != nil || !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if attempt == 0 {
			if err := os.Truncate(stopped.Checkpoint, 100); err != nil {
				t.Fatal(err)
			}
		}
	}
	if skipped != 1 {
		t.Errorf("%d damaged checkpoints were passed over, want 1", skipped)
	}
	if found, _ := filepath.Glob(filepath.Join(c.Checkpoints.Folder, "*")); len(found) != 2 {
		t.Errorf("%d checkpoints are kept, want 2", len(found))
	}
	model, _ := autoencoder(t)
	c.Objective = vae.At(2)
	var other *train.MismatchError
	if _, err := train.FitAutoencoder(t.Context(), model, c); !errors.As(err, &other) || other.Field != "objective" {
		t.Errorf("another objective: %v", err)
	}
}

func TestAutoencoderRefused(t *testing.T) {
	for name, change := range map[string]func(*modelfile.Model, *train.AutoencoderConfig){
		"no data":               func(_ *modelfile.Model, c *train.AutoencoderConfig) { c.Train = nil },
		"a classifier":          func(m *modelfile.Model, _ *train.AutoencoderConfig) { m.Net = nn.Flatten[float32]{} },
		"no folder":             func(_ *modelfile.Model, c *train.AutoencoderConfig) { c.Resume = true },
		"checkpoints backwards": func(_ *modelfile.Model, c *train.AutoencoderConfig) { c.Checkpoints.EverySteps = -1 },
		"no epochs":             func(_ *modelfile.Model, c *train.AutoencoderConfig) { c.Epochs = 0 },
		"other examples": func(_ *modelfile.Model, c *train.AutoencoderConfig) {
			c.Train, _ = dataset.NewMemory("rows", tensor.New[float32](4, 3), nil, nil)
		},
	} {
		model, c := autoencoder(t)
		change(model, &c)
		if _, err := train.FitAutoencoder(t.Context(), model, c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
