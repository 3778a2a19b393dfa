package moments_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func normal(shape ...int) *tensor.Tensor[float32] {
	x := tensor.New[float32](shape...)
	tensor.Normal(x, rand.New(rand.NewPCG(77, 3)), 0, 1)
	return x
}

// stack is depth linear layers without biases, each but the last before an
// activation.
func stack(depth, width int, act nn.Layer[float32]) nn.Sequential[float32] {
	var model nn.Sequential[float32]
	for i := range depth {
		if i > 0 {
			model = append(model, act)
		}
		l := nn.NewLinear[float32](width, width, newRand())
		l.Bias = nil
		model = append(model, l)
	}
	return model
}

func TestX(t *testing.T) {
	m := stack(11, 1024, nn.ReLU[float32]{})
	rng := newRand()
	if err := moments.Initialize[float32](m, rng, moments.He[float32]()); err != nil {
		t.Fatal(err)
	}
	f, err := moments.PropagateFixed[float32](m, moments.Standard(1024), moments.Training)
	if err != nil {
		t.Fatal(err)
	}
	x := normal(512, 1024)
	tab, err := moments.Measure[float32](m, x, moments.Training, rng)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range tab.Rows {
		t.Log(r.Kind, r.Predicted, f.Rows[i].Predicted, *r.Measured, f.Rows[i].Predicted.Variance/r.Measured.Variance-1)
	}
	_ = math.Pi
}
