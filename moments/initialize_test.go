package moments_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

func variance(x []float32) float64 {
	mean, squares := 0.0, 0.0
	for _, v := range x {
		mean += float64(v) / float64(len(x))
		squares += float64(v) * float64(v) / float64(len(x))
	}
	return squares - mean*mean
}

func TestFanSchemes(t *testing.T) {
	rng := newRand()
	conv := nn.NewGroupedConv2D[float32](16, 64, 3, 1, 1, 2, rng)
	linear := nn.NewLinear[float32](200, 300, rng)
	model := chain{conv, &nn.Residual[float32]{Body: linear}}
	for _, c := range []struct {
		name         string
		scheme       moments.Scheme[float32]
		conv, linear float64
	}{
		{"he", moments.He[float32](), 2. / 72, 2. / 200},
		{"lecun", moments.LeCun[float32](), 1. / 72, 1. / 200},
		{"xavier", moments.Xavier[float32](), 2. / (72 + 288), 2. / 500},
		{"uniform, fan out", moments.Fan[float32](moments.FanOut, 1, true), 1. / 288, 1. / 300},
	} {
		initialize(t, model, c.scheme)
		if v, w := variance(conv.Weight.Value.Data), variance(linear.Weight.Value.Data); !near(v, c.conv, 0.06, 0) || !near(w, c.linear, 0.03, 0) {
			t.Errorf("%s: variances %v, %v, want %v, %v", c.name, v, w, c.conv, c.linear)
		}
		if linear.Bias.Value.Data[0] != 0 {
			t.Errorf("%s: a bias is not 0", c.name)
		}
	}
}

// gram returns the largest difference of A·Aᵀ, or Aᵀ·A where A is taller, from
// the square of the gain times the identity.
func gram(a *tensor.Tensor[float32], gain float64) float64 {
	n := min(a.Shape[0], a.Shape[1])
	g := tensor.New[float32](n, n)
	tall := a.Shape[0] > a.Shape[1]
	tensor.MatMul(g, a, a, tensor.Product[float32]{TransA: tall, TransB: !tall})
	worst := 0.0
	for i, v := range g.Data {
		want := 0.0
		if i%(n+1) == 0 {
			want = gain * gain
		}
		worst = max(worst, math.Abs(float64(v)-want))
	}
	return worst
}

func TestOrthogonal(t *testing.T) {
	rng := newRand()
	wide, tall := nn.NewLinear[float32](70, 40, rng), nn.NewLinear[float32](40, 70, rng)
	conv := nn.NewConv2D[float32](8, 20, 3, 1, 1, rng)
	initialize(t, chain{wide, tall, conv}, moments.Orthogonal[float32](1.5))
	for _, a := range []*tensor.Tensor[float32]{wide.Weight.Value, tall.Weight.Value, conv.Weight.Value.Reshape(20, 72)} {
		if d := gram(a, 1.5); d > 1e-5 {
			t.Errorf("%v: off by %v", a.Shape, d)
		}
	}
	initialize(t, chain{wide, conv}, moments.DeltaOrthogonal[float32](1))
	middle := tensor.New[float32](20, 8)
	for i := range middle.Data {
		middle.Data[i] = conv.Weight.Value.Data[i*9+4]
		conv.Weight.Value.Data[i*9+4] = 0
	}
	if d := gram(middle, 1); d > 1e-5 || variance(conv.Weight.Value.Data) != 0 {
		t.Errorf("delta-orthogonal: off by %v, the rest has variance %v", d, variance(conv.Weight.Value.Data))
	}
	for _, bad := range []layer{nn.NewConv2D[float32](20, 8, 3, 1, 1, rng), nn.NewConv2D[float32](8, 20, 2, 1, 1, rng), nn.NewGroupedConv2D[float32](8, 20, 3, 1, 1, 2, rng)} {
		if err := moments.Initialize(chain{bad}, rng, moments.DeltaOrthogonal[float32](1)); err == nil || !strings.Contains(err.Error(), "layer 0") {
			t.Errorf("got %v, want an error that names layer 0", err)
		}
	}
}

func TestLSUV(t *testing.T) {
	rng := newRand()
	model := chain{
		nn.NewConv2D[float32](1, 8, 3, 1, 1, rng), nn.ReLU[float32]{}, nn.NewMaxPool2D[float32](2), nn.Flatten[float32]{},
		dense(8*9, 50, rng), nn.SiLU[float32]{}, &nn.Residual[float32]{Body: dense(50, 50, rng)}, nn.NewWeightNorm[float32](50, 40, rng),
	}
	x := normal(3, 64, 1, 6, 6)
	initialize(t, model, moments.LSUV(x))
	table, err := moments.Measure(model, x, moments.Training, rng)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range table.Rows {
		if v := r.Measured.Variance; (r.Kind == "linear" || r.Kind == "conv2d" || r.Kind == "normalizedlinear") && !near(v, 1, 1e-3, 0) {
			t.Errorf("layer %s (%s): variance %v, want 1", r.Path, r.Kind, v)
		}
	}
	if err := moments.Initialize(model, rng, moments.LSUV(tensor.New[float32](4, 1, 6, 6))); err == nil {
		t.Error("a batch of zeros: got no error")
	}
	if err := moments.Initialize(model, rng, moments.LSUV(tensor.New[float32](4, 3))); err == nil {
		t.Error("a batch of another shape: got no error")
	}
}

// TestPreserveThroughEveryLayer holds that padding, pooling, dropout, filters
// and branches are accounted for.
func TestPreserveThroughEveryLayer(t *testing.T) {
	rng := newRand()
	block := func() layer {
		return &nn.Residual[float32]{Body: chain{nn.GELU[float32]{}, dense(48, 60, rng), nn.GELU[float32]{}, dense(60, 48, rng)}}
	}
	model := chain{
		nn.NewConv2D[float32](3, 12, 3, 1, 1, rng), nn.ReLU[float32]{}, nn.NewMaxPool2D[float32](2),
		nn.NewConv2D[float32](12, 16, 3, 2, 1, rng), nn.Tanh[float32]{}, nn.Flatten[float32]{}, nn.NewDropout[float32](0.3),
		dense(64, 50, rng), nn.Sigmoid[float32]{}, nn.NewFilter[float32](3, 1, 1, 0, rng), nn.NewWeightNorm[float32](48, 48, rng), block(), block(), block(),
	}
	in := moments.Standard(3, 8, 8)
	initialize(t, model, moments.Preserve[float32](in))
	table, err := moments.Propagate(model, in, moments.Training)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range table.Rows {
		want := 1.0
		if strings.HasSuffix(r.Path, "body.3") {
			want = 1. / 4
		}
		switch v := r.Predicted.SecondMoment(); {
		case r.Kind == "residual":
			if v < 1 || v > math.E {
				t.Errorf("layer %s: second moment %v of the sum, want 1 to e", r.Path, v)
			}
		case r.Kind == "linear" || r.Kind == "conv2d" || r.Kind == "tiedfilter" || r.Kind == "normalizedlinear":
			if !near(v, want, 1e-3, 0) {
				t.Errorf("layer %s (%s): second moment %v, want %v", r.Path, r.Kind, v, want)
			}
		}
	}
	zero, _ := moments.Uniform(0, 0, 0, 3, 8, 8)
	if err := moments.Initialize(model, rng, moments.Preserve[float32](zero)); err == nil || !strings.Contains(err.Error(), "layer 0") {
		t.Errorf("inputs that are 0: got %v, want an error that names layer 0", err)
	}
}
