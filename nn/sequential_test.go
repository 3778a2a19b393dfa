package nn_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Where maxima are taken before a ReLU, values and gradients are those of the
// layers one by one, also among equals, zeros and NaN.
func TestMaximaBeforeReLU(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 0))
	for _, pool := range []*nn.MaxPool2D[float32]{
		nn.NewMaxPool2D[float32](2),
		{Kernel: [2]int{3, 3}, Stride: [2]int{2, 1}, Padding: [2]int{1, 1}},
	} {
		x := tensor.New[float32](3, 2, 10, 12)
		for i := range x.Data {
			x.Data[i] = float32(rng.IntN(7) - 4)
			if rng.IntN(40) == 0 {
				x.Data[i] = float32(math.NaN())
			}
		}
		run := func(layers ...nn.Layer[float32]) (y, dx []float32) {
			p := &nn.Pass[float32]{Tape: autodiff.NewTape[float32]()}
			v := p.Tape.Variable(x)
			out := v
			for _, l := range layers {
				out = l.Forward(p, out)
			}
			dy := make([]float32, len(out.Value.Data))
			for i := range dy {
				dy[i] = float32(i%9 - 4)
			}
			p.Tape.BackwardFrom(out, dy)
			return slices.Clone(out.Value.Data), slices.Clone(v.Grad.Data)
		}
		y, dx := run(nn.Sequential[float32]{nn.ReLU[float32]{}, pool})
		wantY, wantDX := run(nn.ReLU[float32]{}, pool)
		same := func(a, b float32) bool { return a == b || a != a && b != b }
		if !slices.EqualFunc(y, wantY, same) || !slices.EqualFunc(dx, wantDX, same) {
			t.Errorf("kernel %v: other values or gradients than of the layers one by one", pool.Kernel)
		}
	}
}

// Where a ReLU is taken with the linear layer before it, values and gradients
// are those of the layers one by one, bit for bit, also for NaN, and a gradient
// that is kept is the output's own.
func TestReLUWithLinear(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 0))
	linear := nn.NewLinear[float32](7, 30, rng)
	x := tensor.New[float32](9, 7)
	tensor.Normal(x, rng, 0, 1)
	x.Data[8] = float32(math.NaN())
	for _, batch := range []int{1, 9} {
		for _, kept := range []bool{false, true} {
			run := func(layers ...nn.Layer[float32]) (all [][]float32) {
				p := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true}
				v := p.Tape.Variable(tensor.From(x.Data[:batch*7], batch, 7))
				out := v
				for _, l := range layers {
					out = l.Forward(p, out)
				}
				if kept {
					out.Keep()
				}
				dy := make([]float32, len(out.Value.Data))
				for i := range dy {
					dy[i] = float32(i%9 - 4)
				}
				p.Tape.BackwardFrom(out, dy)
				all = append(all, slices.Clone(out.Value.Data), slices.Clone(v.Grad.Data),
					slices.Clone(linear.Weight.Grad.Data), slices.Clone(linear.Bias.Grad.Data))
				if kept {
					all = append(all, slices.Clone(out.Grad.Data))
				}
				return all
			}
			got, want := run(nn.Sequential[float32]{linear, nn.ReLU[float32]{}}), run(linear, nn.ReLU[float32]{})
			same := func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b }
			for i := range want {
				if !slices.EqualFunc(got[i], want[i], same) {
					t.Errorf("batch %d, kept %v: result %d is not that of the layers one by one", batch, kept, i)
				}
			}
		}
	}
}
