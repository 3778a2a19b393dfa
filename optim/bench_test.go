package optim_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

// The update of ten million parameters in four arrays, as bench's
// ema_proximal_update_safe. Bytes count each pass over an array once: gradients are
// read twice, for the check of their finiteness and for the step.
func BenchmarkStep(b *testing.B) {
	adam := optim.AdamWStep[float32](1e-3, 1e-4)
	for _, c := range []struct {
		name    string
		step    optim.Step[float32]
		streams int64
	}{
		{"SGD", optim.SGDStep[float32](1e-3), 4},
		{"ProximalSGD", optim.ProximalSGDStep[float32](1e-3, 1e-4), 6},
		{"AdamW", adam, 8},
		{"Mirror", optim.MirrorStep[float32](1e-3), 5},
	} {
		b.Run(c.name, func(b *testing.B) {
			const n, arrays = 2_500_000, 4
			rng := rand.New(rand.NewPCG(1, 2))
			var model []*nn.Param[float32]
			for range arrays {
				p := nn.NewParam[float32](n)
				p.Grad = tensor.New[float32](n)
				tensor.Uniform(p.Value, rng, 0.1, 0.9)
				tensor.Uniform(p.Grad, rng, -1, 1)
				model = append(model, p)
			}
			o, err := optim.New(nn.Params[float32](model), c.step)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.SetBytes(4 * n * arrays * c.streams)
			for b.Loop() {
				if err := o.Step(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
