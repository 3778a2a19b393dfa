package nn_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/opscan"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
	"pgregory.net/rapid"
)

// gradients is the table of gradient checks: every kind of layer, in each of
// its settings, with the shape of a batch.
func gradients[F tensor.Float]() []gradientCase[F] {
	rng := newRand()
	dilated := nn.NewGroupedConv2D[F](4, 6, 3, 1, 2, 2, rng)
	dilated.Dilation, dilated.Stride = [2]int{2, 1}, [2]int{1, 2}
	unbiased := nn.NewLinear[F](3, 2, rng)
	unbiased.Bias = nil
	bare := nn.NewBatchNorm[F](3)
	bare.Weight, bare.Bias = nil, nil
	unshifted := nn.NewLayerNorm[F](4)
	unshifted.Bias = nil
	shared := nn.NewLinear[F](3, 3, rng)
	normalized := func(norm string, delta float64) *nn.NormalizedLinear[F] {
		l := nn.NewNormalizedLinear[F](3, 2, rng)
		l.Norm, l.Delta = norm, delta
		return l
	}
	square := nn.NewNormalizedLinear[F](3, 3, rng)
	unbiasedNorm := nn.NewWeightNorm[F](3, 2, rng)
	unbiasedNorm.Bias = nil
	masked := nn.NewTiedFilter[F](3, 1, rng)
	masked.Mask.Value.Data[1] = -0.5
	unbiasedFilter := nn.NewFilter[F](3, 2, 1, 5, rng)
	unbiasedFilter.Bias = nil
	return []gradientCase[F]{
		{"linear", nn.NewLinear[F](3, 2, rng), []int{4, 3}},
		{"linear without bias", unbiased, []int{4, 3}},
		{"linear and relu", nn.Sequential[F]{nn.NewLinear[F](3, 5, rng), nn.ReLU[F]{}, nn.NewLinear[F](5, 4, rng), nn.ReLU[F]{}}, []int{4, 3}},
		{"one linear twice", nn.Sequential[F]{shared, nn.Tanh[F]{}, shared}, []int{4, 3}},
		{"normalizedlinear", normalized(nn.NormExact, 0), []int{4, 3}},
		{"normalizedlinear, sqrt", normalized(nn.NormSqrt, 0.8), []int{4, 3}},
		{"normalizedlinear, max above", normalized(nn.NormMax, 0.1), []int{4, 3}},
		{"normalizedlinear, max below", normalized(nn.NormMax, 50), []int{4, 3}},
		{"normalizedlinear twice", nn.Sequential[F]{square, nn.Tanh[F]{}, square}, []int{4, 3}},
		{"weight norm", nn.NewWeightNorm[F](3, 2, rng), []int{4, 3}},
		{"weight norm without bias", unbiasedNorm, []int{4, 3}},
		{"tiedfilter", nn.NewTiedFilter[F](2, 2, rng), []int{3, 7}},
		{"tiedfilter of three places", nn.NewTiedFilter[F](2, 2, rng), []int{2, 3}},
		{"tiedfilter with mask, of images", masked, []int{2, 3, 6}},
		{"tiedfilter, free taps", nn.NewFilter[F](4, 2, 3, 4, rng), []int{2, 9}},
		{"tiedfilter, padded beyond its reach", unbiasedFilter, []int{2, 4}},
		{"conv2d", nn.NewConv2D[F](2, 3, 3, 1, 1, rng), []int{2, 2, 4, 5}},
		{"conv2d, stride", nn.NewConv2D[F](2, 3, 3, 2, 0, rng), []int{2, 2, 6, 5}},
		{"conv2d, groups and dilation", dilated, []int{2, 4, 5, 6}},
		{"maxpool2d", nn.NewMaxPool2D[F](2), []int{2, 2, 4, 5}},
		{"maxpool2d, overlapping", &nn.MaxPool2D[F]{Kernel: [2]int{3, 2}, Stride: [2]int{1, 2}, Padding: [2]int{1, 1}}, []int{1, 2, 4, 5}},
		{"avgpool2d", nn.NewAvgPool2D[F](2), []int{2, 2, 4, 5}},
		{"avgpool2d, without padding", &nn.AvgPool2D[F]{Kernel: [2]int{3, 2}, Stride: [2]int{1, 2}, Padding: [2]int{1, 1}, ExcludePadding: true}, []int{1, 2, 4, 5}},
		{"batchnorm of vectors", nn.NewBatchNorm[F](3), []int{5, 3}},
		{"batchnorm of images", nn.NewBatchNorm[F](2), []int{3, 2, 3, 2}},
		{"batchnorm without weights", bare, []int{5, 3}},
		{"layernorm", nn.NewLayerNorm[F](4), []int{5, 4}},
		{"layernorm without bias", unshifted, []int{2, 3, 4}},
		{"layernorm over two", nn.NewLayerNorm[F](2, 3), []int{2, 2, 2, 3}},
		{"residual", &nn.Residual[F]{Body: nn.NewLinear[F](3, 3, rng)}, []int{4, 3}},
		{"residual with projection", &nn.Residual[F]{Body: nn.NewLinear[F](3, 2, rng), Projection: nn.NewLinear[F](3, 2, rng)}, []int{4, 3}},
		{"residual of nothing", &nn.Residual[F]{Body: nn.Sequential[F]{}}, []int{4, 3}},
		{"dropout", nn.NewDropout[F](0.4), []int{4, 5}},
		{"relu", nn.ReLU[F]{}, []int{4, 5}},
		{"leakyrelu", nn.LeakyReLU[F]{Slope: 0.2}, []int{4, 5}},
		{"gelu", nn.GELU[F]{}, []int{4, 5}},
		{"gelu by tanh", nn.GELU[F]{Approximate: true}, []int{4, 5}},
		{"silu", nn.SiLU[F]{}, []int{4, 5}},
		{"tanh", nn.Tanh[F]{}, []int{4, 5}},
		{"sigmoid", nn.Sigmoid[F]{}, []int{4, 5}},
		{"softplus", nn.Softplus[F]{}, []int{4, 5}},
		{"flatten", nn.Flatten[F]{}, []int{2, 3, 2}},
		{"reshape", nn.NewReshape[F](3, 2), []int{2, 6}},
		{"sequential", nn.Sequential[F]{nn.NewLinear[F](3, 4, rng), nn.Sigmoid[F]{}}, []int{4, 3}},
	}
}

type gradientCase[F tensor.Float] struct {
	name  string
	layer nn.Layer[F]
	shape []int
}

// check holds the gradients of a case in its input and all its parameters
// against differences.
func (c gradientCase[F]) check(train bool) *autodiff.Verdict {
	rng := rand.New(rand.NewPCG(7, 7))
	inputs := []*tensor.Tensor[F]{tensor.New[F](c.shape...)}
	for _, p := range nn.Params[F](c.layer) {
		inputs = append(inputs, p.Value)
	}
	if !train {
		inputs = inputs[:1]
	}
	for _, x := range inputs {
		tensor.Normal(x, rng, 0, 1)
	}
	return autodiff.Check(func(tape *autodiff.Tape[F], x []*autodiff.Var[F]) *autodiff.Var[F] {
		p := &nn.Pass[F]{Tape: tape, Train: train, Rand: rand.New(rand.NewPCG(3, 3))}
		return c.layer.Forward(p, x[0])
	}, inputs...)
}

func TestGradients(t *testing.T) {
	var ops, kinds []string
	for _, c := range gradients[float64]() {
		kinds = append(kinds, nn.KindOf(c.layer))
		for _, train := range []bool{true, false} {
			v := c.check(train)
			ops = append(ops, v.Ops...)
			if !v.OK || v.Worst > 1e-7 {
				t.Errorf("%s (training: %v): %v", c.name, train, v)
			}
		}
	}
	declared, err := opscan.Ops(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range opscan.Missing(declared, ops) {
		t.Errorf("%s: an operation without a gradient check", op)
	}
	for _, kind := range nn.Kinds[float64]() {
		if !slices.Contains(kinds, nn.KindOf(kind)) {
			t.Errorf("%s: a kind of layer without a gradient check", nn.KindOf(kind))
		}
	}
}

// TestGradientsOfAnyShape draws sizes, strides, paddings, dilations and groups.
func TestGradientsOfAnyShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
		rng := newRand()
		batch := size("batch", 1, 3)
		var c gradientCase[float64]
		switch kind := rapid.SampledFrom([]string{"linear", "conv2d", "maxpool2d", "avgpool2d", "batchnorm", "layernorm", "normalizedlinear", "tiedfilter"}).Draw(t, "kind"); kind {
		case "linear":
			in := size("in", 1, 4)
			c = gradientCase[float64]{kind, nn.NewLinear[float64](in, size("out", 1, 4), rng), []int{batch, in}}
		case "conv2d":
			groups, kernel := size("groups", 1, 2), size("kernel", 1, 3)
			in := groups * size("in", 1, 2)
			l := nn.NewGroupedConv2D[float64](in, groups*size("out", 1, 2), kernel, size("stride", 1, 3), size("padding", 0, 2), groups, rng)
			l.Dilation = [2]int{size("dilation", 1, 2), 1}
			c = gradientCase[float64]{kind, l, []int{batch, in, 5 + size("height", 0, 2), 3 + size("width", 0, 3)}}
		case "maxpool2d", "avgpool2d":
			kernel := size("kernel", 1, 3)
			k, s, p := [2]int{kernel, kernel}, [2]int{size("stride", 1, 3), 1}, [2]int{size("padding", 0, kernel/2), 0}
			c = gradientCase[float64]{kind, &nn.MaxPool2D[float64]{Kernel: k, Stride: s, Padding: p}, []int{batch, 2, 3 + size("height", 0, 2), 4}}
			if kind == "avgpool2d" {
				c.layer = &nn.AvgPool2D[float64]{Kernel: k, Stride: s, Padding: p, ExcludePadding: rapid.Bool().Draw(t, "exclude")}
			}
		case "batchnorm":
			channels := size("channels", 1, 3)
			c = gradientCase[float64]{kind, nn.NewBatchNorm[float64](channels), []int{batch + 2, channels, size("height", 1, 3), size("width", 1, 3)}}
		case "normalizedlinear":
			in := size("in", 1, 4)
			l := nn.NewWeightNorm[float64](in, size("out", 1, 4), rng)
			if rapid.Bool().Draw(t, "inside") {
				l.Gamma = nil
			}
			c = gradientCase[float64]{kind, l, []int{batch, in}}
		case "tiedfilter":
			taps, dilation, padding := size("taps", 1, 4), size("dilation", 1, 3), size("padding", 0, 4)
			l := nn.NewFilter[float64](taps, dilation, size("stride", 1, 3), padding, rng)
			c = gradientCase[float64]{kind, l, []int{batch, max(1, dilation*(taps-1)+1-2*padding) + size("more", 0, 6)}}
		case "layernorm":
			width := size("width", 2, 5)
			c = gradientCase[float64]{kind, nn.NewLayerNorm[float64](width), []int{batch, size("rows", 1, 3), width}}
		}
		if v := c.check(true); !v.OK {
			t.Fatalf("%s: %v", c.name, v)
		}
	})
}
