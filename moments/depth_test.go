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

func normal(seed uint64, shape ...int) *tensor.Tensor[float32] {
	x := tensor.New[float32](shape...)
	tensor.Normal(x, rand.New(rand.NewPCG(77, seed)), 0, 1)
	return x
}

// stack is depth linear layers without biases, each but the first behind an
// activation, as PyTorch draws them.
func stack(depth, width int, act layer) chain {
	var model chain
	rng := newRand()
	for i := range depth {
		if i > 0 {
			model = append(model, act)
		}
		l := nn.NewLinear[float32](width, width, rng)
		l.Bias = nil
		model = append(model, l)
	}
	return model
}

// biased gives the linear layers of a stack biases.
func biased(model chain) chain {
	for _, l := range model {
		if l, ok := l.(*nn.Linear[float32]); ok {
			l.Bias = nn.NewParam[float32](l.Weight.Value.Shape[0])
		}
	}
	return model
}

func propagate(t *testing.T, model layer, shape ...int) *moments.Table {
	t.Helper()
	table, err := moments.Propagate(model, moments.Standard(shape...), moments.Training)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func initialize(t *testing.T, model layer, scheme moments.Scheme[float32]) {
	t.Helper()
	if err := moments.Initialize(model, newRand(), scheme); err != nil {
		t.Fatal(err)
	}
}

// TestVarianceAtLayer50 holds the published fates of deep networks of width
// 256.
func TestVarianceAtLayer50(t *testing.T) {
	const depth, width = 50, 256
	scheme := func(gain float64) moments.Scheme[float32] { return moments.Fan[float32](moments.FanIn, gain, false) }
	for _, c := range []struct {
		name   string
		act    layer
		scheme moments.Scheme[float32]
		lo, hi float64
	}{
		{"PyTorch's default under relu", nn.ReLU[float32]{}, nil, 2e-40, 2e-38},
		{"he under relu", nn.ReLU[float32]{}, moments.He[float32](), 1, 3},
		{"he under gelu", nn.GELU[float32]{}, moments.He[float32](), 1e-12, 1e-10},
		{"gain 5/3 under tanh", nn.Tanh[float32]{}, scheme(5. / 3), 1.14, 1.2},
	} {
		model := stack(depth, width, c.act)
		if c.scheme != nil {
			initialize(t, model, c.scheme)
		}
		rows := propagate(t, model, width).Rows
		if v := rows[len(rows)-1].Predicted.Variance; !(v >= c.lo && v <= c.hi) {
			t.Errorf("%s: variance %.3g at layer %d, want %.3g to %.3g", c.name, v, depth, c.lo, c.hi)
		}
	}
}

// TestPreserve holds that the predicted second moment of every layer of weights
// stays 1 under every activation.
func TestPreserve(t *testing.T) {
	const depth, width = 50, 128
	for _, act := range activations() {
		model := biased(stack(depth, width, act))
		initialize(t, model, moments.Preserve[float32](moments.Standard(width)))
		for _, r := range propagate(t, model, width).Rows[1:] {
			if v := r.Predicted.SecondMoment(); r.Kind == "linear" && math.Abs(v-1) > 1e-4 {
				t.Errorf("%s: layer %s: predicted second moment %v, want 1", nn.KindOf(act), r.Path, v)
			}
		}
	}
}

// TestPreserveFixed holds the same for the one draw at hand, as measured. GELU
// and SiLU take a bias, without which what is above 1 flees: to 100 and 6e4 at
// layer 50.
func TestPreserveFixed(t *testing.T) {
	for _, c := range []struct {
		act          layer
		depth, width int
	}{{nn.ReLU[float32]{}, 50, 128}, {nn.Tanh[float32]{}, 14, 128}, {nn.Sigmoid[float32]{}, 10, 96}, {nn.GELU[float32]{}, 24, 128}, {nn.SiLU[float32]{}, 20, 192}} {
		act, width := c.act, c.width
		model := biased(stack(c.depth, width, act))
		initialize(t, model, moments.PreserveFixed[float32](moments.Standard(width)))
		table, err := moments.Measure(model, normal(1, 1000, width), moments.Training, newRand())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range table.Rows[1:] {
			if v := r.Measured.SecondMoment(); r.Kind == "linear" && math.Abs(v-1) > 0.05 {
				t.Errorf("%s: layer %s: measured second moment %v, want 1 ± 0.05", nn.KindOf(act), r.Path, v)
			}
		}
	}
}

// TestFixedWeightsAgainstMeasurement holds the prediction for the very weights
// within 2% through ReLU layers of 1024 units, where the mean over draws is off
// by 10%.
func TestFixedWeightsAgainstMeasurement(t *testing.T) {
	const depth, width = 10, 1024
	model := stack(depth, width, nn.ReLU[float32]{})
	initialize(t, model, moments.He[float32]())
	fixed, err := moments.PropagateFixed(model, moments.Standard(width), moments.Training)
	if err != nil {
		t.Fatal(err)
	}
	table, err := moments.Measure(model, normal(2, 256, width), moments.Training, newRand())
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range table.Rows {
		p, m := fixed.Rows[i].Predicted, *r.Measured
		if math.Abs(p.Variance/m.Variance-1) > 0.02 || math.Abs(p.Likeness-m.Likeness) > 0.02 || math.Abs(p.Gradient/m.Gradient-1) > 0.15 {
			t.Errorf("layer %s (%s): predicted %.4v, measured %.4v", r.Path, r.Kind, p, m)
		}
	}
}

// TestMeasureFixed holds that the predictions are for the weights and the
// correlated inputs at hand: through a linear layer they are exact.
func TestMeasureFixed(t *testing.T) {
	rng := newRand()
	model := chain{nn.Flatten[float32]{}, dense(40, 30, rng), nn.ReLU[float32]{}, dense(30, 20, rng)}
	x := normal(6, 300, 4, 10)
	for i := range x.Data {
		if i%4 > 0 {
			x.Data[i] = 0.6*x.Data[i-1] + 0.5 // each like the one before
		}
	}
	table, err := moments.MeasureFixed(model, x, moments.Evaluating, rng)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range table.Rows {
		tolerance := 1e-5
		if i > 2 {
			tolerance = 0.05
		}
		if p, m := r.Predicted, r.Measured; !near(p.Variance, m.Variance, tolerance, 0) || !near(p.Mean, m.Mean, 0, tolerance*math.Sqrt(m.SecondMoment())) {
			t.Errorf("layer %s (%s): predicted %.6v, measured %.6v", r.Path, r.Kind, p, m)
		}
	}
	if _, err := moments.MeasureFixed(chain{unruled{nn.ReLU[float32]{}}}, x, moments.Evaluating, rng); err == nil {
		t.Error("a layer without a rule: got no error")
	}
	if _, err := moments.MeasureFixed(model, tensor.New[float32](1, 40), moments.Evaluating, rng); err == nil {
		t.Error("one example: got no error")
	}
}

// TestFixedWeightsOfEveryRule holds PropagateFixed against measurement for the
// other layers that it serves.
func TestFixedWeightsOfEveryRule(t *testing.T) {
	rng := newRand()
	norm := nn.NewBatchNorm[float32](120)
	tensor.Normal(norm.Weight.Value, rng, 1, 0.3)
	tensor.Normal(norm.RunningMean.Value, rng, 0, 0.3)
	norm.RunningVar.Value.Fill(2)
	model := chain{
		nn.NewReshape[float32](10, 10), nn.Flatten[float32]{}, dense(100, 120, rng), norm, nn.GELU[float32]{},
		nn.NewWeightNorm[float32](120, 90, rng), nn.Sigmoid[float32]{}, dense(90, 80, rng), nn.Tanh[float32]{}, dense(80, 60, rng),
	}
	in, _ := moments.Uniform(0.4, 1, 0, 100)
	fixed, err := moments.PropagateFixed(model, in, moments.Evaluating)
	if err != nil {
		t.Fatal(err)
	}
	x := tensor.New[float32](4000, 100)
	tensor.Normal(x, rng, 0.4, 1)
	table, err := moments.Measure(model, x, moments.Evaluating, rng)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range table.Rows {
		p, m := fixed.Rows[i].Predicted, *r.Measured
		if math.Abs(p.Mean-m.Mean) > 0.02*math.Sqrt(m.SecondMoment()) || math.Abs(p.Variance/m.Variance-1) > 0.03 || math.Abs(p.Likeness-m.Likeness) > 0.02 {
			t.Errorf("layer %s (%s): predicted %.4v, measured %.4v", r.Path, r.Kind, p, m)
		}
	}
	for _, model := range []layer{
		nn.NewConv2D[float32](1, 1, 3, 1, 0, rng), chain{nn.NewReshape[float32](1, 10, 10), nn.NewConv2D[float32](1, 1, 3, 1, 0, rng)},
		nn.NewLinear[float32](100, moments.MaxFixed+1, rng), unruled{nn.ReLU[float32]{}}, nn.NewBatchNorm[float32](100),
	} {
		if _, err := moments.PropagateFixed(model, in, moments.Training); err == nil {
			t.Errorf("%s: got no error", nn.KindOf(model))
		}
	}
}
