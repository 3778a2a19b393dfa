package vae_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/opscan"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
)

type v64 = autodiff.Var[float64]

func normal(shape ...int) *tensor.Tensor[float64] {
	x := tensor.New[float64](shape...)
	tensor.Normal(x, rand.New(rand.NewPCG(uint64(len(x.Data)), 5)), 0, 1)
	return x
}

// TestGradients is the table of gradient checks.
func TestGradients(t *testing.T) {
	x := normal(3, 70) // more than a strip of columns
	mean, posterior := normal(6, 70), normal(4, 6)
	inside := vae.Bounds{Min: 1e-9, Max: 1e9}
	var ops []string
	for name, c := range map[string]struct {
		f      func(x []*v64) *v64
		inputs []*tensor.Tensor[float64]
	}{
		"shared":        {func(in []*v64) *v64 { return vae.OptimalGaussian(in[0], x, vae.Shared, vae.Unbounded()) }, []*tensor.Tensor[float64]{mean}},
		"per dimension": {func(in []*v64) *v64 { return vae.OptimalGaussian(in[0], x, vae.PerDimension, inside) }, []*tensor.Tensor[float64]{mean}},
		"per example":   {func(in []*v64) *v64 { return vae.OptimalGaussian(in[0], x, vae.PerExample, inside) }, []*tensor.Tensor[float64]{mean}},
		"at the lower bound": {func(in []*v64) *v64 {
			return vae.OptimalGaussian(in[0], x, vae.Shared, vae.Bounds{Min: 100, Max: 200})
		}, []*tensor.Tensor[float64]{mean}},
		"at the upper bound, per example": {func(in []*v64) *v64 {
			return vae.OptimalGaussian(in[0], x, vae.PerExample, vae.Bounds{Max: 0.01})
		}, []*tensor.Tensor[float64]{mean}},
		"twice": {func(in []*v64) *v64 {
			return autodiff.Add(vae.OptimalGaussian(in[0], x, vae.Shared, inside), vae.OptimalGaussian(in[0], x, vae.PerDimension, inside))
		}, []*tensor.Tensor[float64]{mean}},
		"fixed":                  {func(in []*v64) *v64 { return vae.FixedGaussian(in[0], x, []float64{0.3}) }, []*tensor.Tensor[float64]{mean}},
		"fixed, per dimension":   {func(in []*v64) *v64 { return vae.FixedGaussian(in[0], x, normalSquares(70)) }, []*tensor.Tensor[float64]{mean}},
		"learned":                {func(in []*v64) *v64 { return vae.LearnedGaussian(in[0], x, in[1]) }, []*tensor.Tensor[float64]{mean, normal(1)}},
		"learned, per dimension": {func(in []*v64) *v64 { return vae.LearnedGaussian(in[0], x, in[1]) }, []*tensor.Tensor[float64]{mean, normal(70)}},
		"codes": {func(in []*v64) *v64 {
			return autodiff.Sum(autodiff.Square(vae.Draw(in[0], 3, rand.New(rand.NewPCG(1, 2)))))
		}, []*tensor.Tensor[float64]{posterior}},
		"mean codes":            {func(in []*v64) *v64 { return autodiff.Sum(autodiff.Square(vae.Draw(in[0], 1, nil))) }, []*tensor.Tensor[float64]{posterior}},
		"divergence":            {func(in []*v64) *v64 { return vae.KL(in[0], 1.5, 0) }, []*tensor.Tensor[float64]{posterior}},
		"divergence, free bits": {func(in []*v64) *v64 { return vae.KL(in[0], 1, 0.7) }, []*tensor.Tensor[float64]{posterior}},
	} {
		verdict := autodiff.Check(func(_ *autodiff.Tape[float64], in []*v64) *v64 { return c.f(in) }, c.inputs...)
		if !verdict.OK || verdict.Worst > 1e-6 {
			t.Errorf("%s: %v", name, verdict)
		}
		ops = append(ops, verdict.Ops...)
	}
	declared, err := opscan.Ops(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range opscan.Missing(declared, ops) {
		t.Errorf("%s: an operation without a gradient check", op)
	}
}

func normalSquares(n int) []float64 {
	v := normal(n).Data
	for i, x := range v {
		v[i] = x*x + 0.1
	}
	return v
}

// TestEnvelope: the gradient through the optimal variance is that with the
// variance frozen there.
func TestEnvelope(t *testing.T) {
	x, mean := normal(4, 3), normal(8, 3)
	tape := autodiff.NewTape[float64]()
	m := tape.Variable(mean)
	tape.Backward(vae.OptimalGaussian(m, x, vae.Shared, vae.Unbounded()))
	var r float64
	for i, v := range mean.Data {
		d := v - x.Row(i / 6)[i%3]
		r += d * d
	}
	other := autodiff.NewTape[float64]()
	frozen := other.Variable(mean)
	other.Backward(vae.FixedGaussian(frozen, x, []float64{r / 24}))
	for i, g := range m.Grad.Data {
		if math.Abs(g-frozen.Grad.Data[i]) > 1e-14 {
			t.Errorf("element %d: %v through the optimum, %v frozen", i, g, frozen.Grad.Data[i])
		}
	}
}

func TestShapesThatDoNotFit(t *testing.T) {
	tape := autodiff.NewTape[float64]()
	for name, f := range map[string]func(){
		"rows":             func() { vae.OptimalGaussian(tape.Constant(normal(5, 3)), normal(2, 3), vae.Shared, vae.Unbounded()) },
		"columns":          func() { vae.OptimalGaussian(tape.Constant(normal(4, 3)), normal(2, 4), vae.Shared, vae.Unbounded()) },
		"variances":        func() { vae.FixedGaussian(tape.Constant(normal(4, 3)), normal(2, 3), make([]float64, 2)) },
		"an odd posterior": func() { vae.KL(tape.Constant(normal(4, 3)), 1, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if _, ok := recover().(*tensor.ShapeError); !ok {
					t.Error("no panic with a ShapeError")
				}
			}()
			f()
		})
	}
}

// TestStepAllocatesNothing: in the steady state, for each objective.
func TestStepAllocatesNothing(t *testing.T) {
	for _, o := range []vae.Objective{vae.Plain(), vae.At(0.5), {Scale: vae.PerDimension, Bounds: vae.Unbounded(), Beta: 1, Samples: 3}, {Scale: vae.PerExample, Bounds: vae.Unbounded(), Beta: 1, Samples: 2}, {Scale: vae.Learned, Bounds: vae.Unbounded(), Beta: 1, FreeBits: 0.1, Samples: 1}} {
		rng := rand.New(rand.NewPCG(1, 1))
		m := vae.NewMLP[float32]([]int{9}, []int{8}, 2, vae.Gaussian, rng)
		if o.Scale == vae.Learned {
			m.LogVariance = nn.NewParam[float32](9)
		}
		opt, err := optim.New(nn.Params[float32](m), optim.AdamStep[float32](1e-3))
		if err != nil {
			t.Fatal(err)
		}
		x := tensor.New[float32](4, 9)
		tensor.Uniform(x, rng, 0, 1)
		pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: rng}
		step := func() {
			pass.Tape.Reset()
			distortion, rate := m.Loss(pass, x, o)
			pass.Tape.Backward(autodiff.Add(distortion, rate))
			if err := opt.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if n := testing.AllocsPerRun(20, step); n != 0 {
			t.Errorf("%v: %v allocations a step", o.Scale, n)
		}
	}
}
