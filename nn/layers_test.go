package nn_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// forward runs a layer once on a fresh tape.
func forward(layer nn.Layer[float64], train bool, x *tensor.Tensor[float64]) []float64 {
	p := &nn.Pass[float64]{Tape: autodiff.NewTape[float64](), Train: train, Rand: newRand()}
	return layer.Forward(p, p.Tape.Constant(x)).Value.Data
}

func ExampleSequential() {
	model := nn.Sequential[float64]{nn.NewLinear[float64](2, 1, newRand()), nn.ReLU[float64]{}}
	for _, p := range nn.Params[float64](model) {
		p.Value.Fill(2)
	}
	p := &nn.Pass[float64]{Tape: autodiff.NewTape[float64]()}
	y := model.Forward(p, p.Tape.Constant(tensor.From([]float64{1, 3, -1, -3}, 2, 2)))
	fmt.Println(y.Shape(), y.Value.Data)
	// Output: [2 1] [10 0]
}

func TestBatchNormOfOneValue(t *testing.T) {
	l := nn.NewBatchNorm[float64](2)
	l.Bias.Value.Data[1] = 3
	if got := forward(l, true, tensor.From([]float64{5, 7}, 1, 2)); !slices.Equal(got, []float64{0, 3}) {
		t.Errorf("got %v, want the bias", got)
	}
	if v := l.RunningVar.Value.Data; !slices.Equal(v, []float64{1, 1}) {
		t.Errorf("running variance %v: want it left alone", v)
	}
	if m := l.RunningMean.Value.Data; !slices.Equal(m, []float64{0.5, 0.7000000000000001}) {
		t.Errorf("running mean %v", m)
	}
}

func TestBatchNormMovesOnlyWhileTraining(t *testing.T) {
	l := nn.NewBatchNorm[float64](2)
	x := tensor.From([]float64{5, 7, 1, 2}, 2, 2)
	forward(l, false, x)
	if m := l.RunningMean.Value.Data; !slices.Equal(m, []float64{0, 0}) {
		t.Errorf("evaluating moved the running mean to %v", m)
	}
}

// TestBatchNormFarFromZero holds that a mean of a million deviations does not
// drown the variance.
func TestBatchNormFarFromZero(t *testing.T) {
	y := forward(nn.NewBatchNorm[float64](1), true, tensor.From([]float64{1e6 - 1, 1e6 + 1}, 2, 1))
	if want := 1 / math.Sqrt(1+1e-5); math.Abs(y[1]-want) > 1e-12 || y[0] != -y[1] {
		t.Errorf("got %v, want ±%v", y, want)
	}
}

func TestDropout(t *testing.T) {
	const n, rate = 100_000, 0.3
	x := tensor.New[float64](n)
	x.Fill(1)
	l := nn.NewDropout[float64](rate)
	kept := 0
	for _, v := range forward(l, true, x) {
		switch v {
		case 1 / (1 - rate):
			kept++
		case 0:
		default:
			t.Fatalf("got %v, want 0 or %v", v, 1/(1-rate))
		}
	}
	if deviation := math.Abs(float64(kept)-n*(1-rate)) / math.Sqrt(n*rate*(1-rate)); deviation > 4 {
		t.Errorf("%d of %d kept at rate %v: %.1f standard deviations off", kept, n, rate, deviation)
	}
	if !slices.Equal(forward(l, true, x), forward(l, true, x)) {
		t.Error("equal sources give other masks")
	}
	if !slices.Equal(forward(l, false, x), x.Data) {
		t.Error("evaluating drops elements")
	}
}

// TestNaNPropagates holds that no layer hides a NaN in its input.
func TestNaNPropagates(t *testing.T) {
	for _, c := range gradients[float64]() {
		x := tensor.New[float64](c.shape...)
		x.Fill(0.5)
		x.Data[0] = math.NaN()
		y := forward(c.layer, false, x)
		if !slices.ContainsFunc(y, math.IsNaN) {
			t.Errorf("%s: NaN in, %v out", c.name, y)
		}
	}
}

// TestOutputShapeIsTheShapeOfForward runs every case of the gradient table, and
// asks every layer about inputs that it cannot take.
func TestOutputShapeIsTheShapeOfForward(t *testing.T) {
	for _, c := range gradients[float64]() {
		p := &nn.Pass[float64]{Tape: autodiff.NewTape[float64]()}
		y := c.layer.Forward(p, p.Tape.Constant(tensor.New[float64](c.shape...)))
		shape, err := c.layer.OutputShape(c.shape[1:])
		if err != nil || !slices.Equal(shape, y.Shape()[1:]) {
			t.Errorf("%s: output shape %v, %v, want %v", c.name, shape, err, y.Shape()[1:])
		}
	}
}

func TestMisfits(t *testing.T) {
	rng := newRand()
	for _, c := range []struct {
		layer nn.Layer[float64]
		shape []int // of a batch
	}{
		{nn.NewLinear[float64](3, 2, rng), []int{4, 2}},
		{nn.NewLinear[float64](3, 2, rng), []int{4, 1, 3}},
		{nn.NewNormalizedLinear[float64](3, 2, rng), []int{4, 2}},
		{nn.NewTiedFilter[float64](2, 2, rng), []int{4}},
		{nn.NewConv2D[float64](2, 3, 3, 1, 0, rng), []int{1, 1, 4, 4}},
		{nn.NewConv2D[float64](2, 3, 3, 1, 0, rng), []int{1, 2, 2, 4}},
		{nn.NewConv2D[float64](2, 3, 3, 1, 0, rng), []int{1, 2, 4}},
		{nn.NewMaxPool2D[float64](3), []int{1, 1, 2, 4}},
		{nn.NewAvgPool2D[float64](3), []int{1, 4, 4}},
		{nn.NewBatchNorm[float64](3), []int{4, 2}},
		{nn.NewLayerNorm[float64](3), []int{4, 2}},
		{nn.NewReshape[float64](2, 2), []int{4, 5}},
		{&nn.Residual[float64]{Body: nn.NewLinear[float64](3, 2, rng)}, []int{4, 3}},
		{&nn.Residual[float64]{Body: nn.NewLinear[float64](3, 2, rng)}, []int{4, 2}},
		{nn.Sequential[float64]{nn.ReLU[float64]{}, nn.NewLinear[float64](3, 2, rng)}, []int{4, 2}},
	} {
		kind := nn.KindOf(c.layer)
		if _, err := c.layer.OutputShape(c.shape[1:]); err == nil {
			t.Errorf("%s: output shape for %v: got no error", kind, c.shape[1:])
		}
		if _, err := nn.Summary(c.layer, c.shape[1:]); err == nil {
			t.Errorf("%s: summary for %v: got no error", kind, c.shape[1:])
		}
		var mismatch *tensor.ShapeError
		if err, ok := panicOf(func() { forward(c.layer, false, tensor.New[float64](c.shape...)) }).(error); !ok || !errors.As(err, &mismatch) {
			t.Errorf("%s on %v: want a panic with a ShapeError", kind, c.shape)
		}
	}
}

func TestConstructorsRefuse(t *testing.T) {
	rng := newRand()
	for name, make := range map[string]func(){
		"nn.NewLinear: size 0":               func() { nn.NewLinear[float64](0, 1, rng) },
		"nn.NewConv2D: size -1":              func() { nn.NewConv2D[float64](1, -1, 3, 1, 0, rng) },
		"nn.NewConv2D: conv2d":               func() { nn.NewConv2D[float64](1, 1, 3, 1, -1, rng) },
		"nn.NewConv2D: 3 channels":           func() { nn.NewGroupedConv2D[float64](3, 2, 3, 1, 0, 2, rng) },
		"nn.NewMaxPool2D: size 0":            func() { nn.NewMaxPool2D[float64](0) },
		"nn.NewAvgPool2D: size 0":            func() { nn.NewAvgPool2D[float64](0) },
		"nn.NewBatchNorm: size 0":            func() { nn.NewBatchNorm[float64](0) },
		"nn.NewLayerNorm: layernorm: weight": func() { nn.NewLayerNorm[float64]() },
		"nn.NewReshape: size 0":              func() { nn.NewReshape[float64](0) },
		"nn.NewDropout: dropout: rate 1":     func() { nn.NewDropout[float64](1) },
		"has no Rand":                        func() { nn.NewDropout[float64](0.5).Forward(&nn.Pass[float64]{Train: true}, nil) },
	} {
		if text := fmt.Sprint(panicOf(make)); !strings.Contains(text, name) {
			t.Errorf("got panic %q, want %q", text, name)
		}
	}
}

func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// TestFrozenParametersGetNoGradient also holds that a pass that does not train
// computes the gradient of its input alone.
func TestFrozenParametersGetNoGradient(t *testing.T) {
	for _, kind := range []nn.Layer[float64]{nn.NewLinear[float64](3, 3, newRand()), nn.NewBatchNorm[float64](3), nn.NewLayerNorm[float64](3)} {
		for _, train := range []bool{false, true} {
			for _, param := range nn.Params[float64](kind) {
				param.Frozen = train
			}
			p := &nn.Pass[float64]{Tape: autodiff.NewTape[float64](), Train: train}
			x := p.Tape.Variable(tensor.From([]float64{1, 2, 4, 8, 16, 32}, 2, 3))
			p.Tape.BackwardFrom(kind.Forward(p, x), []float64{1, 2, 3, 4, 5, 7})
			if x.Grad == nil {
				t.Errorf("%s: no gradient of the input", nn.KindOf(kind))
			}
			for path, param := range nn.Params[float64](kind) {
				if param.Grad != nil {
					t.Errorf("%s: %s has a gradient", nn.KindOf(kind), path)
				}
			}
		}
	}
}
