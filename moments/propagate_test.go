package moments_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

type layer = nn.Layer[float32]
type chain = nn.Sequential[float32]

// ruleCase is a model to be drawn many times: the mean over draws of what is
// measured must be what is predicted, within the tolerances, which are relative
// to the root of the second moment, to variance and gradient, and absolute for
// the likeness.
type ruleCase struct {
	name  string
	draw  func(rng *rand.Rand) layer
	shape []int
	mean  float64 // of the inputs; their variance is 1

	tolerance float64
}

func dense(in, out int, rng *rand.Rand) layer {
	l := nn.NewLinear[float32](in, out, rng)
	tensor.Normal(l.Weight.Value, rng, 0, math.Sqrt(2/float64(in)))
	tensor.Normal(l.Bias.Value, rng, 0.1, 0.3)
	return l
}

func ruleCases() []ruleCase {
	rng := func(f func(rng *rand.Rand) layer) func(rng *rand.Rand) layer { return f }
	after := func(act layer) func(rng *rand.Rand) layer { // two dense layers, an activation behind each
		return func(rng *rand.Rand) layer { return chain{dense(60, 100, rng), act, dense(100, 80, rng), act} }
	}
	conv := func(rng *rand.Rand) layer { return nn.NewConv2D[float32](3, 32, 3, 1, 1, rng) }
	cases := []ruleCase{
		{"linear", rng(func(rng *rand.Rand) layer { return dense(60, 50, rng) }), []int{60}, 0.5, 0.02},
		{"linear, weights with a mean", func(rng *rand.Rand) layer {
			l := nn.NewLinear[float32](60, 50, rng)
			tensor.Normal(l.Weight.Value, rng, 0.05, 0.1)
			return l
		}, []int{60}, 0.5, 0.03},
		{"normalizedlinear", func(rng *rand.Rand) layer { return nn.NewNormalizedLinear[float32](60, 50, rng) }, []int{60}, 0.5, 0.02},
		{"weight norm", func(rng *rand.Rand) layer {
			l := nn.NewWeightNorm[float32](60, 50, rng)
			l.Gamma.Value.Fill(1.5)
			return chain{l, nn.ReLU[float32]{}, nn.NewWeightNorm[float32](50, 40, rng)}
		}, []int{60}, 0, 0.03},
		{"conv2d with borders", conv, []int{3, 6, 5}, 0.5, 0.03},
		{"conv2d, stride, groups, dilation", func(rng *rand.Rand) layer {
			l := nn.NewGroupedConv2D[float32](4, 32, 3, 2, 1, 2, rng)
			l.Dilation = [2]int{2, 1}
			return l
		}, []int{4, 7, 8}, 0, 0.03},
		{"tiedfilter", func(rng *rand.Rand) layer {
			l := nn.NewFilter[float32](3, 2, 1, 2, rng)
			copy(l.Weight.Value.Data, []float32{0.5, -1, 0.7})
			l.Bias.Value.Data[0] = 0.3
			return l
		}, []int{50}, 0.5, 0.03},
		{"tied taps after linear", func(rng *rand.Rand) layer {
			l := nn.NewTiedFilter[float32](2, 2, rng)
			l.Weight.Value.Data[0] = 0.8
			return chain{dense(60, 80, rng), nn.ReLU[float32]{}, l}
		}, []int{60}, 0, 0.03},
		{"maxpool2d", func(rng *rand.Rand) layer {
			return chain{nn.NewConv2D[float32](16, 32, 3, 1, 1, rng), nn.ReLU[float32]{}, nn.NewMaxPool2D[float32](2), nn.NewConv2D[float32](32, 16, 1, 1, 0, rng)}
		}, []int{16, 6, 6}, 0, 0.08},
		{"maxpool2d of inputs", func(rng *rand.Rand) layer {
			return &nn.MaxPool2D[float32]{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: [2]int{1, 1}}
		}, []int{4, 7, 7}, 0.5, 0.03},
		{"avgpool2d", func(rng *rand.Rand) layer {
			return &nn.AvgPool2D[float32]{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: [2]int{1, 1}}
		}, []int{4, 7, 7}, 0.5, 0.03},
		{"batchnorm", func(rng *rand.Rand) layer {
			return chain{dense(60, 80, rng), nn.NewBatchNorm[float32](80), nn.ReLU[float32]{}, dense(80, 50, rng)}
		}, []int{60}, 0.5, 0.06},
		{"batchnorm of images", func(rng *rand.Rand) layer {
			return chain{nn.NewConv2D[float32](3, 32, 3, 1, 0, rng), nn.NewBatchNorm[float32](32), nn.Tanh[float32]{}}
		}, []int{3, 6, 5}, 0.5, 0.05},
		{"layernorm", func(rng *rand.Rand) layer {
			l := nn.NewLayerNorm[float32](80)
			tensor.Normal(l.Weight.Value, rng, 1, 0.3)
			tensor.Normal(l.Bias.Value, rng, 0, 0.2)
			return chain{dense(60, 80, rng), l, nn.GELU[float32]{}, dense(80, 50, rng)}
		}, []int{60}, 0.5, 0.07},
		{"residual", func(rng *rand.Rand) layer {
			return chain{dense(60, 60, rng), &nn.Residual[float32]{Body: chain{nn.ReLU[float32]{}, dense(60, 60, rng)}}}
		}, []int{60}, 0, 0.03},
		{"residual of an activation", func(rng *rand.Rand) layer {
			return chain{dense(60, 100, rng), &nn.Residual[float32]{Body: chain{nn.Tanh[float32]{}, nn.Sigmoid[float32]{}}}}
		}, []int{60}, 0, 0.03},
		{"residual of nothing", func(rng *rand.Rand) layer {
			return chain{dense(60, 100, rng), &nn.Residual[float32]{Body: chain{}, Projection: nn.Dropout[float32]{Rate: 0.3}}}
		}, []int{60}, 0, 0.03},
		{"residual with projection", func(rng *rand.Rand) layer {
			inner := &nn.Residual[float32]{Body: nn.ReLU[float32]{}}
			return &nn.Residual[float32]{Body: chain{dense(60, 100, rng), inner}, Projection: dense(60, 100, rng)}
		}, []int{60}, 0, 0.03},
		{"dropout after relu", func(rng *rand.Rand) layer {
			return chain{dense(60, 100, rng), nn.ReLU[float32]{}, nn.NewDropout[float32](0.5), dense(100, 80, rng)}
		}, []int{60}, 0, 0.03},
		{"flatten", func(rng *rand.Rand) layer {
			return chain{conv(rng), nn.ReLU[float32]{}, nn.Flatten[float32]{}, nn.Tanh[float32]{}, dense(32*30, 50, rng)}
		}, []int{3, 6, 5}, 0, 0.03},
		{"reshape", func(rng *rand.Rand) layer {
			return chain{nn.NewReshape[float32](3, 4, 5), conv(rng), nn.NewReshape[float32](4, 160), nn.NewReshape[float32](640)}
		}, []int{60}, 0.5, 0.03},
		{"an activation of another package", after(softsign{}), []int{60}, 0, 0.04},
		{"two activations", func(rng *rand.Rand) layer {
			return chain{dense(60, 100, rng), nn.ReLU[float32]{}, nn.Tanh[float32]{}, dense(100, 80, rng)}
		}, []int{60}, 0, 0.03},
	}
	for _, act := range activations() {
		cases = append(cases, ruleCase{nn.KindOf(act), after(act), []int{60}, 0.3, 0.04})
	}
	return cases
}

func activations() []layer {
	return []layer{
		nn.ReLU[float32]{}, nn.LeakyReLU[float32]{Slope: 0.2}, nn.GELU[float32]{}, nn.GELU[float32]{Approximate: true},
		nn.SiLU[float32]{}, nn.Tanh[float32]{}, nn.Sigmoid[float32]{}, nn.Softplus[float32]{},
	}
}

// softsign is an activation that this package does not know: x/(1 + |x|).
type softsign struct{}

func (softsign) Forward(_ *nn.Pass[float32], x *autodiff.Var[float32]) *autodiff.Var[float32] {
	return autodiff.Div(x, autodiff.AddScalar(autodiff.Abs(x), 1))
}

func (softsign) OutputShape(input []int) ([]int, error) { return input, nil }

func (softsign) MomentFunction() moments.Function {
	return moments.Function{Name: "softsign", Value: func(x float64) float64 { return x / (1 + math.Abs(x)) }}
}

func TestEveryKindHasARule(t *testing.T) {
	seen := []string{"sequential"}
	for _, c := range ruleCases() {
		collect(c.draw(newRand()), &seen)
	}
	for _, kind := range nn.Kinds[float32]() {
		if !slices.Contains(seen, nn.KindOf(kind)) {
			t.Errorf("%s: a kind of layer without a case in ruleCases", nn.KindOf(kind))
		}
	}
}

func collect(l layer, kinds *[]string) {
	*kinds = append(*kinds, nn.KindOf(l))
	switch l := l.(type) {
	case chain:
		for _, inner := range l {
			collect(inner, kinds)
		}
	case *nn.Residual[float32]:
		collect(l.Body, kinds)
		if l.Projection != nil {
			collect(l.Projection, kinds)
		}
	}
}

func TestRulesAgainstDraws(t *testing.T) {
	const draws, batch = 30, 48
	for i, c := range ruleCases() {
		rng := rand.New(rand.NewPCG(5, uint64(i)))
		var predicted, measured []moments.Values
		for range draws {
			model := c.draw(rng)
			x := tensor.New[float32](append([]int{batch}, c.shape...)...)
			tensor.Normal(x, rng, c.mean, 1)
			table, err := moments.Measure(model, x, moments.Training, rng)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			in, _ := moments.Uniform(c.mean, 1, 0, c.shape...)
			if table2, err := moments.Propagate(model, in, moments.Training); err != nil {
				t.Fatalf("%s: %v", c.name, err)
			} else {
				for r := range table.Rows {
					table.Rows[r].Predicted = table2.Rows[r].Predicted
				}
			}
			for r, row := range table.Rows {
				if r == len(predicted) {
					predicted, measured = append(predicted, moments.Values{}), append(measured, moments.Values{})
				}
				add(&predicted[r], row.Predicted, draws)
				add(&measured[r], *row.Measured, draws)
			}
		}
		for r, p := range predicted {
			m := measured[r]
			off := []float64{
				math.Abs(p.Mean-m.Mean) / math.Sqrt(m.SecondMoment()), math.Abs(p.Variance/m.Variance - 1),
				math.Abs(p.Likeness - m.Likeness), math.Abs(p.Gradient/m.Gradient - 1),
			}
			for k, name := range []string{"mean", "variance", "likeness", "gradient"} {
				if !(off[k] <= c.tolerance) {
					t.Errorf("%s, row %d: %s off by %.3f: predicted %.4v, measured %.4v", c.name, r, name, off[k], p, m)
				}
			}
		}
	}
}

// add adds a part of v to the sum.
func add(sum *moments.Values, v moments.Values, parts float64) {
	sum.Mean += v.Mean / parts
	sum.Variance += v.Variance / parts
	sum.Likeness += v.Likeness / parts
	sum.Gradient += v.Gradient / parts
}

// unruled is a layer that nobody knows a rule for.
type unruled struct{ layer }

func TestRefusals(t *testing.T) {
	rng := newRand()
	zero := nn.NewNormalizedLinear[float32](4, 2, rng)
	clear(zero.Weight.Value.Row(1))
	for _, c := range []struct {
		model layer
		in    moments.Moments
		want  string
	}{
		{chain{nn.ReLU[float32]{}, unruled{nn.ReLU[float32]{}}}, moments.Standard(4), "layer 1: moments: no rule for a layer of kind unruled"},
		{chain{nn.NewLinear[float32](3, 2, rng)}, moments.Standard(4), "layer 0"},
		{zero, moments.Standard(4), "norm 0"},
		{nn.NewConv2D[float32](1, 2, 3, 1, 0, rng), moments.Standard(1, 2, 2), "conv2d"},
		{nn.NewTiedFilter[float32](2, 2, rng), moments.Standard(2), "no output"},
		{nn.NewReshape[float32](3), moments.Standard(4), "as many elements"},
		{nn.NewBatchNorm[float32](3), moments.Standard(4), "3 channels"},
		{nn.NewLayerNorm[float32](3), moments.Standard(4), "layernorm"},
		{nn.NewMaxPool2D[float32](3), moments.Standard(4), "maxpool2d"},
		{nn.ReLU[float32]{}, moments.Moments{Shape: []int{4}}, "cells"},
		{nn.ReLU[float32]{}, moments.Moments{Shape: []int{4}, Cells: []moments.Cell{{Variance: -1}}}, "at least 0"},
		{nn.ReLU[float32]{}, moments.Moments{Shape: []int{4}, Cells: []moments.Cell{{Variance: 1, Covariance: 2}}}, "covariance"},
		{nn.ReLU[float32]{}, moments.Moments{Shape: []int{0}, Cells: []moments.Cell{{}}}, "positive sizes"},
		{nil, moments.Standard(4), "nil layer"},
	} {
		if _, err := moments.Propagate(c.model, c.in, moments.Training); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
	}
}

// doubled is a layer with its own rule: 2·x.
type doubled struct{ layer }

func (doubled) PropagateMoments(in moments.Moments, _ moments.Mode) (moments.Moments, moments.Pull, error) {
	out := moments.Moments{Shape: in.Shape}
	for _, c := range in.Cells {
		out.Cells = append(out.Cells, moments.Cell{Mean: 2 * c.Mean, Variance: 4 * c.Variance, Covariance: 4 * c.Covariance})
	}
	return out, func(g []float64) []float64 { return []float64{4 * g[0]} }, nil
}

func TestRuledLayers(t *testing.T) {
	in, _ := moments.Uniform(1, 3, 0.5, 4)
	table, err := moments.Propagate[float32](chain{doubled{}, nn.ReLU[float32]{}}, in, moments.Evaluating)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := moments.GaussianThrough(moments.ReLU(), 2, 12)
	if got := table.Rows[2].Predicted; got.Mean != want.Mean || got.Variance != want.Variance {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := table.Rows[0].Predicted.Gradient; !near(got, 4*want.SlopeSecondMoment, 1e-12, 0) {
		t.Errorf("gradient %v, want %v", got, 4*want.SlopeSecondMoment)
	}
}
