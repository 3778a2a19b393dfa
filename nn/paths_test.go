package nn_test

import (
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/nn"
)

// paths lists what a model saves: parameters, then buffers.
func paths(model any) string {
	var names []string
	for path := range nn.Params[float32](model) {
		names = append(names, path)
	}
	for path := range nn.Buffers[float32](model) {
		names = append(names, path)
	}
	return strings.Join(names, " ")
}

// TestPaths lists the paths of every kind of layer. They are keys of model
// files: a field that is renamed breaks them, and must break this first.
func TestPaths(t *testing.T) {
	rng := newRand()
	cases := []struct {
		layer nn.Layer[float32]
		want  string
	}{
		{nn.Sequential[float32]{nn.NewLinear[float32](2, 2, rng), nn.ReLU[float32]{}, nn.NewLinear[float32](2, 2, rng)}, "0.weight 0.bias 2.weight 2.bias"},
		{nn.NewLinear[float32](2, 2, rng), "weight bias"},
		{nn.NewWeightNorm[float32](2, 2, rng), "weight bias gamma"},
		{nn.NewTiedFilter[float32](2, 2, rng), "weight bias mask"},
		{nn.NewFilter[float32](3, 1, 2, 1, rng), "weight bias"},
		{nn.NewConv2D[float32](1, 2, 3, 1, 1, rng), "weight bias"},
		{nn.NewMaxPool2D[float32](2), ""},
		{nn.NewAvgPool2D[float32](2), ""},
		{nn.NewBatchNorm[float32](2), "weight bias running_mean running_var"},
		{nn.NewLayerNorm[float32](2), "weight bias"},
		{&nn.Residual[float32]{Body: nn.NewLinear[float32](2, 2, rng), Projection: nn.NewLinear[float32](2, 2, rng)}, "body.weight body.bias projection.weight projection.bias"},
		{nn.NewDropout[float32](0.5), ""},
		{nn.ReLU[float32]{}, ""},
		{nn.LeakyReLU[float32]{Slope: 0.01}, ""},
		{nn.GELU[float32]{}, ""},
		{nn.SiLU[float32]{}, ""},
		{nn.Tanh[float32]{}, ""},
		{nn.Sigmoid[float32]{}, ""},
		{nn.Softplus[float32]{}, ""},
		{nn.Flatten[float32]{}, ""},
		{nn.NewReshape[float32](1, 2), ""},
	}
	listed := map[string]bool{}
	for _, c := range cases {
		listed[nn.KindOf(c.layer)] = true
		if got := paths(c.layer); got != c.want {
			t.Errorf("%s: got %q, want %q", nn.KindOf(c.layer), got, c.want)
		}
		roundTrip(t, c.layer)
	}
	for _, kind := range nn.Kinds[float32]() {
		if !listed[nn.KindOf(kind)] {
			t.Errorf("%s: a kind of layer whose paths are not listed here", nn.KindOf(kind))
		}
	}
}
