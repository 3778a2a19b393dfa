package binarynet_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/internal/opscan"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

type v64 = autodiff.Var[float64]

func newRand() *rand.Rand { return rand.New(rand.NewPCG(4, 4)) }

func normal(seed uint64, shape ...int) *tensor.Tensor[float64] {
	x := tensor.New[float64](shape...)
	tensor.Normal(x, rand.New(rand.NewPCG(seed, 5)), 0, 1)
	return x
}

// forward runs a layer that trains, on fixed random numbers.
func forward(layer nn.Layer[float64], x *v64) *v64 {
	return layer.Forward(&nn.Pass[float64]{Tape: x.Tape(), Train: true, Rand: newRand()}, x)
}

// TestGradients is the table of gradient checks: in the input for each map, in
// the probabilities for the mean, whose gradient is exact.
func TestGradients(t *testing.T) {
	x := normal(1, 4, 5)
	var ops []string
	hold := func(name string, f func(in []*v64) *v64, inputs ...*tensor.Tensor[float64]) {
		t.Helper()
		verdict := autodiff.Check(func(_ *autodiff.Tape[float64], in []*v64) *v64 { return f(in) }, inputs...)
		if !verdict.OK || verdict.Worst > 1e-7 {
			t.Errorf("%s: %v", name, verdict)
		}
		ops = append(ops, verdict.Ops...)
	}
	for _, name := range []string{binarynet.Mean, binarynet.Sample, binarynet.Sign} {
		for _, unsigned := range []bool{false, true} {
			l := binarynet.NewLinear[float64](5, 3, name, newRand())
			l.Unsigned = unsigned
			inputs := []*tensor.Tensor[float64]{x}
			if name == binarynet.Mean {
				inputs = append(inputs, l.Probability.Value)
			}
			hold(name, func(in []*v64) *v64 { return forward(l, in[0]) }, inputs...)
		}
	}
	twice := binarynet.NewLinear[float64](5, 5, binarynet.Mean, newRand())
	hold("one layer twice", func(in []*v64) *v64 { return forward(twice, forward(twice, in[0])) }, x, twice.Probability.Value)

	// The threshold has no derivative to check: its pullback is that of clamping.
	seed := normal(2, 20).Data
	tape := autodiff.NewTape[float64]()
	gradient := func(f func(x *v64) *v64) []float64 {
		tape.Reset()
		in := tape.Variable(x)
		y := f(in)
		for op := range tape.Ops() {
			ops = append(ops, op)
		}
		tape.BackwardFrom(y, seed)
		return append([]float64(nil), in.Grad.Data...)
	}
	got := gradient(func(x *v64) *v64 { return forward(binarynet.Threshold[float64]{Window: 0.8}, x) })
	want := gradient(func(x *v64) *v64 { return autodiff.Clamp(x, -0.8, 0.8) })
	for i, w := range want {
		if got[i] != w {
			t.Errorf("threshold: gradient %v at %v, want %v", got[i], x.Data[i], w)
		}
	}
	declared, err := opscan.Ops(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range opscan.Missing(declared, ops) {
		t.Errorf("%s: an operation without a gradient check", op)
	}
}

// TestMaps holds the weights of each map to its definition, and the mean of
// draws to the mean.
func TestMaps(t *testing.T) {
	l := binarynet.NewLinear[float64](4, 1, binarynet.Sample, newRand())
	l.Scale = 0.5
	copy(l.Probability.Value.Data, []float64{0, 0.25, 0.5, 1})
	unit := tensor.From([]float64{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1}, 4, 4)
	tape := autodiff.NewTape[float64]()
	pass := &nn.Pass[float64]{Tape: tape, Rand: newRand()}
	weights := func(name string) []float64 {
		tape.Reset()
		l.Predict = name
		return append([]float64(nil), l.Forward(pass, tape.Constant(unit)).Value.Data...)
	}
	for _, c := range []struct {
		unsigned bool
		name     string
		want     []float64
	}{
		{false, binarynet.Mean, []float64{-0.5, -0.25, 0, 0.5}},
		{false, binarynet.Sign, []float64{-0.5, -0.5, 0.5, 0.5}},
		{true, binarynet.Mean, []float64{0, 0.125, 0.25, 0.5}},
		{true, binarynet.Sign, []float64{0, 0, 0.5, 0.5}},
	} {
		l.Unsigned = c.unsigned
		for i, w := range weights(c.name) {
			if w != c.want[i] {
				t.Errorf("%s, unsigned %v: weight %d is %v, want %v", c.name, c.unsigned, i, w, c.want[i])
			}
		}
		if c.name != binarynet.Mean {
			continue
		}
		const draws = 20000
		sum := make([]float64, 4)
		for range draws {
			for i, w := range weights(binarynet.Sample) {
				sum[i] += w / draws
			}
		}
		for i, w := range c.want {
			// Five standard errors of a mean of values a unit of Scale·2 apart.
			if math.Abs(sum[i]-w) > 5*0.5/math.Sqrt(draws) {
				t.Errorf("mean of draws, unsigned %v: weight %d is %v, want %v", c.unsigned, i, sum[i], w)
			}
		}
	}
}

// TestNaNPropagates: a probability that is not a number hides from no map.
func TestNaNPropagates(t *testing.T) {
	l := binarynet.NewLinear[float64](2, 1, binarynet.Sign, newRand())
	l.Probability.Value.Data[0] = math.NaN()
	tape := autodiff.NewTape[float64]()
	for _, name := range []string{binarynet.Mean, binarynet.Sample, binarynet.Sign} {
		l.Train = name
		if y := forward(l, tape.Constant(tensor.From([]float64{0, 1}, 1, 2))).Value.Data[0]; !math.IsNaN(y) {
			t.Errorf("%s: output %v, want NaN", name, y)
		}
	}
	y := forward(binarynet.Threshold[float64]{Window: 1}, tape.Constant(tensor.From([]float64{math.NaN(), 0, -0.1}, 3))).Value.Data
	if !math.IsNaN(y[0]) || y[1] != 1 || y[2] != -1 {
		t.Errorf("threshold: %v, want NaN, 1, -1", y)
	}
}
