package train_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// flatRoot is x + √0: its value is x's, its gradient is not finite.
type flatRoot struct{}

func (flatRoot) Forward(_ *nn.Pass[float32], x *autodiff.Var[float32]) *autodiff.Var[float32] {
	return autodiff.Add(x, autodiff.Sqrt(autodiff.Scale(x, 0)))
}

func (flatRoot) OutputShape(input []int) ([]int, error) { return input, nil }

func TestDivergenceIsLocated(t *testing.T) {
	nan := float32(math.NaN())
	layers := func(m *modelfile.Model) nn.Sequential[float32] { return m.Net.(nn.Sequential[float32]) }
	for _, c := range []struct {
		name, where string
		step        int
		change      func(*train.Config, *modelfile.Model)
	}{
		{"parameter", "parameter 0.bias", 1, func(_ *train.Config, m *modelfile.Model) {
			layers(m)[0].(*nn.Linear[float32]).Bias.Value.Data[3] = nan
		}},
		{"output", "the output of layer 4.0 (linear)", 1, func(_ *train.Config, m *modelfile.Model) {
			last := layers(m)[4].(*nn.Linear[float32])
			last.Weight.Value.Fill(3e38)
			layers(m)[4] = nn.Sequential[float32]{last}
		}},
		{"network that is one layer", "the output of the network (linear)", 1, func(_ *train.Config, m *modelfile.Model) {
			last := nn.NewLinear[float32](6, 3, rand.New(rand.NewPCG(1, 1)))
			last.Weight.Value.Fill(3e38)
			m.Net = last
		}},
		{"buffer in validation", "the loss on the validation data", 15, func(_ *train.Config, m *modelfile.Model) {
			layers(m)[1].(*nn.BatchNorm[float32]).RunningMean.Value.Data[0] = nan
		}},
		{"gradient", "the gradient of 0.weight", 1, func(_ *train.Config, m *modelfile.Model) {
			m.Net = append(layers(m), flatRoot{})
		}},
		{"step", "parameter 0.weight after the step", 1, func(c *train.Config, m *modelfile.Model) {
			m.Net = nn.Sequential[float32]{nn.NewLinear[float32](6, 3, rand.New(rand.NewPCG(1, 1)))}
			m.Preprocess = modelfile.Preprocess{Mean: []float32{0}, Std: []float32{1e-6}}
			c.Step, c.Steps = optim.SGDStep[float32](1e38), 1
		}},
		{"example", "example 2 of holed", 1, func(c *train.Config, _ *modelfile.Model) {
			x := tensor.New[float32](8, 6)
			x.Row(2)[5] = nan
			source, err := dataset.NewMemory("holed", x, make([]int, 8), []string{"a", "b", "c"})
			if err != nil {
				t.Fatal(err)
			}
			c.Train, c.HoldOut, c.Shuffle = source, 0, false
		}},
	} {
		config, model := newConfig(), newModel(1)
		c.change(&config, model)
		_, err := train.Fit(context.Background(), model, config)
		var diverged *train.DivergenceError
		if !errors.As(err, &diverged) || diverged.Where != c.where || diverged.Step != c.step || diverged.Checkpoint != "" {
			t.Errorf("%s: got %v, want step %d and %s", c.name, err, c.step, c.where)
		}
	}
}

// TestDivergenceNamesTheCheckpoint spoils a weight after step 12, while a
// checkpoint of every step is due: it must not be written.
func TestDivergenceNamesTheCheckpoint(t *testing.T) {
	for _, every := range []int{1, 5} {
		config, model := withCheckpoints(t, every), newModel(1)
		weight := model.Net.(nn.Sequential[float32])[4].(*nn.Linear[float32]).Weight.Value
		config.Observer.Step = func(e train.StepEvent) {
			if e.Step == 12 {
				weight.Data[0] = float32(math.Inf(1))
			}
		}
		result, err := train.Fit(context.Background(), model, config)
		step, where, saved := 12, "parameter 4.weight after the step", "step-000000000011.safetensors"
		if every == 5 {
			step, where, saved = 13, "parameter 4.weight", "step-000000000010.safetensors"
		}
		var diverged *train.DivergenceError
		if !errors.As(err, &diverged) || diverged.Step != step || diverged.Where != where || !strings.HasSuffix(diverged.Checkpoint, saved) || !strings.Contains(err.Error(), "the last good checkpoint is "+diverged.Checkpoint) {
			t.Errorf("every %d steps: got %v", every, err)
		}
		if result == nil || len(result.History.Steps) != 12 {
			t.Errorf("every %d steps: got the result %+v, want the curve of 12 steps", every, result)
		}
		config.Observer.Step = nil
		sameAsUninterrupted(t, config)
	}
}
