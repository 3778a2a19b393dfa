//go:build !race

// Under the race detector sync.Pool drops what it holds, to find races.

package nn_test

import (
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

func TestTrainingStepAllocatesNothing(t *testing.T) {
	residual := nn.Sequential[float32]{
		nn.Flatten[float32]{},
		&nn.Residual[float32]{Body: nn.NewLinear[float32](144, 144, newRand())},
		nn.NewLayerNorm[float32](144), nn.NewLinear[float32](144, 4, newRand()),
	}
	filtered := nn.Sequential[float32]{
		nn.Flatten[float32]{}, nn.NewTiedFilter[float32](2, 2, newRand()), nn.NewFilter[float32](3, 1, 2, 1, newRand()),
		nn.NewNormalizedLinear[float32](71, 16, newRand()), nn.NewWeightNorm[float32](16, 4, newRand()),
	}
	models := map[string]nn.Layer[float32]{"residual": residual, "filtered": filtered}
	for _, spec := range []string{"mlp:32,16", "mlp:32;act=gelu;bn;dropout=0.2", "cnn:4,8/16", "cnn:4/16;bn;dropout=0.5"} {
		model, err := nn.Parse[float32](spec, []int{12, 12}, 4, newRand())
		if err != nil {
			t.Fatal(err)
		}
		models[spec] = model
	}
	x, labels := tensor.New[float32](8, 12, 12), make([]int, 8)
	tensor.Normal(x, newRand(), 0, 1)
	for name, model := range models {
		p := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: newRand()}
		for range 3 {
			step(model, p, x, labels)
		}
		if n := testing.AllocsPerRun(20, func() { step(model, p, x, labels) }); n != 0 {
			t.Errorf("%s: a step allocates %v times, want 0", name, n)
		}
	}
}
