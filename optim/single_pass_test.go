package optim_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

// TestSinglePass holds steps of one pass to the others: the same bits; where a
// gradient is not finite, an error, the place left alone and the others stepped;
// nothing changed where all gradients are clipped together.
func TestSinglePass(t *testing.T) {
	clipped := optim.SGDStep[float32](0.1)
	clipped.Estimator = optim.Chain(optim.ClipNorm[float32]{Max: 1}, clipped.Estimator)
	for name, c := range map[string]struct {
		step optim.Step[float32]
		left int // how many elements a NaN in the last leaves alone
	}{
		"SGD":         {optim.SGDStep[float32](0.1), 1 << 13},
		"ProximalSGD": {optim.ProximalSGDStep[float32](0.1, 0.01), 1},
		"AdamW":       {optim.AdamWStep[float32](0.1, 0.01), 1 << 13},
		"Mirror":      {optim.MirrorStep[float32](0.1), 1 << 13},
		"clipped":     {clipped, 1 << 18},
	} {
		t.Run(name, func(t *testing.T) {
			const n = 1 << 18
			rng := rand.New(rand.NewPCG(31, 32))
			once, twice := nn.NewParam[float32](n), nn.NewParam[float32](n)
			once.Grad, twice.Grad = tensor.New[float32](n), tensor.New[float32](n)
			tensor.Uniform(once.Value, rng, 0.1, 0.9)
			copy(twice.Value.Data, once.Value.Data)
			optimizers := [2]*optim.Optimizer[float32]{}
			for i, p := range []*nn.Param[float32]{once, twice} {
				o, err := optim.New(nn.Params[float32]([]*nn.Param[float32]{p}), c.step)
				if err != nil {
					t.Fatal(err)
				}
				o.SinglePass = i == 0
				optimizers[i] = o
			}
			for range 3 {
				tensor.Normal(once.Grad, rng, 0, 1)
				copy(twice.Grad.Data, once.Grad.Data)
				for _, o := range optimizers {
					if err := o.Step(); err != nil {
						t.Fatal(err)
					}
				}
				if !slices.Equal(once.Value.Data, twice.Value.Data) {
					t.Fatal("one pass gives other bits than two")
				}
			}
			before := slices.Clone(once.Value.Data)
			once.Grad.Data[n-1] = float32(math.NaN())
			err := optimizers[0].Step()
			if err == nil || !strings.Contains(err.Error(), "NaN at element 262143") {
				t.Fatalf("error %v: want one that names the element", err)
			}
			if !slices.Equal(once.Value.Data[n-c.left:], before[n-c.left:]) {
				t.Error("the block of the NaN was changed")
			}
			if err := optimizers[1].Step(); err != nil {
				t.Fatal(err)
			}
			if rest := n - c.left; !slices.Equal(once.Value.Data[:rest], twice.Value.Data[:rest]) {
				t.Error("the other blocks did not take the step")
			}
		})
	}
}
