package prune_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/prune"
	"github.com/gradus-ml/gradus/tensor"
)

// A hidden unit whose weights are 0 is a constant: its activation goes into the
// next bias.
func Example() {
	hidden := &nn.Linear[float64]{
		Weight: &nn.Param[float64]{Value: tensor.From([]float64{1, -1, 0, 0}, 2, 2)},
		Bias:   &nn.Param[float64]{Value: tensor.From([]float64{0, 3}, 2)},
	}
	output := &nn.Linear[float64]{Weight: &nn.Param[float64]{Value: tensor.From([]float64{2, 10}, 1, 2)}}
	pruned, report, err := prune.Net[float64](nn.Sequential[float64]{hidden, nn.ReLU[float64]{}, output}, []int{2})
	if err != nil {
		fmt.Println(err)
		return
	}
	last := pruned.(nn.Sequential[float64])[2].(*nn.Linear[float64])
	fmt.Println(report)
	fmt.Println(last.Weight.Value.Data, last.Bias.Value.Data)
	// Output:
	// 1 of 2 hidden units are left, 5 of 8 parameters, and 2.0 times fewer multiply-adds
	// [2] [30]
}

// apply returns the outputs of a pass that does not train.
func apply[F tensor.Float](net nn.Layer[F], x *tensor.Tensor[F]) []F {
	pass := &nn.Pass[F]{Tape: autodiff.NewTape[F]()}
	return net.Forward(pass, pass.Tape.Constant(x)).Value.Data
}

// damage makes rows and columns of the layers with weights zero, and the
// running moments of a normalisation anything.
func damage[F tensor.Float](net nn.Layer[F], rng *rand.Rand) {
	var all []*nn.Param[F]
	for _, p := range nn.Params[F](net) {
		if len(p.Value.Shape) > 1 {
			all = append(all, p)
		} else {
			tensor.Uniform(p.Value, rng, -1, 1)
		}
	}
	for _, b := range nn.Buffers[F](net) {
		tensor.Uniform(b.Value, rng, 0.2, 2)
	}
	for i, p := range all {
		shape := p.Value.Shape
		row := len(p.Value.Data) / shape[0]
		for u := range shape[0] {
			if i+1 < len(all) && rng.IntN(2) == 0 {
				clear(p.Value.Data[u*row : (u+1)*row])
			}
		}
		if i > 0 {
			per := row / shape[1] * max(1, shape[1]/all[i-1].Value.Shape[0])
			for c := range row / per {
				if rng.IntN(4) == 0 {
					for o := range shape[0] {
						clear(p.Value.Data[o*row+c*per : o*row+(c+1)*per])
					}
				}
			}
		}
	}
}

func conv(channels, out, padding int, rng *rand.Rand) *nn.Conv2D[float64] {
	return nn.NewConv2D[float64](channels, out, 3, 1, padding, rng)
}

// TestOutputsStay prunes networks of every kind of layer, with rows and columns
// of zeros, in both precisions.
func TestOutputsStay(t *testing.T) {
	image := []int{1, 8, 8}
	parsed := func(spec string) func(*rand.Rand) nn.Layer[float64] {
		return func(rng *rand.Rand) nn.Layer[float64] {
			net, err := nn.Parse[float64](spec, image, 3, rng)
			if err != nil {
				t.Fatal(err)
			}
			return net
		}
	}
	cases := map[string]func(*rand.Rand) nn.Layer[float64]{
		"nested, no padding, mean pooling": func(rng *rand.Rand) nn.Layer[float64] {
			return nn.Sequential[float64]{
				nn.Sequential[float64]{conv(1, 6, 0, rng), nn.Sigmoid[float64]{}, conv(6, 5, 0, rng)},
				nn.Softplus[float64]{}, nn.NewAvgPool2D[float64](2),
				nn.Sequential[float64]{nn.Flatten[float64]{}, nn.NewBatchNorm[float64](20), nn.NewLinear[float64](20, 6, rng)},
				nn.Tanh[float64]{}, nn.NewLinear[float64](6, 3, rng),
			}
		},
		"mean pooling over padding": func(rng *rand.Rand) nn.Layer[float64] {
			pool := nn.NewAvgPool2D[float64](2)
			pool.Padding = [2]int{1, 1}
			return nn.Sequential[float64]{conv(1, 6, 1, rng), pool, conv(6, 4, 1, rng), nn.ReLU[float64]{}, nn.Flatten[float64]{}, nn.NewLinear[float64](100, 3, rng)}
		},
		"no biases": func(rng *rand.Rand) nn.Layer[float64] {
			a, b := conv(1, 6, 1, rng), nn.NewLinear[float64](6*64, 3, rng)
			a.Bias, b.Bias = nil, nil
			return nn.Sequential[float64]{a, nn.Sigmoid[float64]{}, nn.Flatten[float64]{}, b}
		},
	}
	for _, activation := range []string{"relu", "leakyrelu", "gelu", "silu", "tanh", "sigmoid", "softplus"} {
		cases["mlp "+activation] = parsed("mlp:9,7;bn;dropout=0.3;act=" + activation)
		cases["cnn "+activation] = parsed("cnn:6,5/7;bn;act=" + activation)
	}
	cases["mlp"] = parsed("mlp:9,7,8")
	cases["cnn"] = parsed("cnn:6,5,4")
	removed, held := 0, 0
	for name, build := range cases {
		for seed := range uint64(12) {
			rng := rand.New(rand.NewPCG(seed, 1))
			net := build(rng)
			damage(net, rng)
			x := tensor.New[float64](append([]int{5}, image...)...)
			tensor.Normal(x, rng, 0, 1)
			want := slices.Clone(apply(net, x))
			pruned, report, err := prune.Net(net, image)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if !slices.Equal(apply(net, x), want) {
				t.Fatalf("%s: the network that was pruned has changed", name)
			}
			for i, got := range apply(pruned, x) {
				if math.Abs(got-want[i]) > 1e-12*(1+math.Abs(want[i])) {
					t.Fatalf("%s, seed %d: output %d is %v, was %v", name, seed, i, got, want[i])
				}
			}
			checkSingle(t, name, single(t, net), tensor.Convert[float32](x), image)
			before, after := report.Units()
			removed += before - after
			for _, l := range report.Layers {
				if l.Before-l.After != l.Constant+l.Unused || l.After < 1 {
					t.Errorf("%s: %+v does not add up", name, l)
				}
				held += l.Held
			}
			if again, second, err := prune.Net(pruned, image); err != nil || second.ParametersAfter != report.ParametersAfter {
				t.Errorf("%s: pruned again: %v, %v, %v", name, again, second, err)
			}
		}
	}
	if removed < 1000 || held < 20 {
		t.Errorf("%d units removed and %d held: the cases test too little", removed, held)
	}
}

func checkSingle(t *testing.T, name string, net nn.Layer[float32], x *tensor.Tensor[float32], input []int) {
	t.Helper()
	want := slices.Clone(apply(net, x))
	pruned, _, err := prune.Net(net, input)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for i, got := range apply(pruned, x) {
		if math.Abs(float64(got-want[i])) > 1e-6*(1+math.Abs(float64(want[i]))) {
			t.Fatalf("%s: in float32 output %d is %v, was %v", name, i, got, want[i])
		}
	}
}

// single is the network in float32.
func single(t *testing.T, net nn.Layer[float64]) nn.Layer[float32] {
	t.Helper()
	architecture, err := nn.Describe(net)
	if err != nil {
		t.Fatal(err)
	}
	made, err := nn.Build[float32](architecture)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]*tensor.Tensor[float64]{}
	for path, p := range nn.Params[float64](net) {
		values[path] = p.Value
	}
	for path, b := range nn.Buffers[float64](net) {
		values[path] = b.Value
	}
	for path, p := range nn.Params[float32](made) {
		p.Value = tensor.Convert[float32](values[path])
	}
	for path, b := range nn.Buffers[float32](made) {
		b.Value = tensor.Convert[float32](values[path])
	}
	return made
}

// TestToTheBit prunes units whose constants are 0: nothing is added anywhere.
func TestToTheBit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	net, err := nn.Parse[float32]("mlp:64,48", []int{20}, 4, rng)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 2} {
		l := net[i].(*nn.Linear[float32])
		for u := range l.Weight.Value.Shape[0] {
			if u%3 > 0 {
				clear(l.Weight.Value.Row(u))
				l.Bias.Value.Data[u] = -0.5 // which ReLU makes 0
			}
		}
	}
	x := tensor.New[float32](33, 20)
	tensor.Normal(x, rng, 0, 1)
	want := slices.Clone(apply(net, x))
	pruned, report, err := prune.Net[float32](net, []int{20})
	if err != nil {
		t.Fatal(err)
	}
	if before, after := report.Units(); before != 112 || after != 22+16 {
		t.Errorf("%d units of %d are left, want 38 of 112", after, before)
	}
	if !slices.Equal(apply(pruned, x), want) {
		t.Error("the outputs are not the same to the bit")
	}
}

// TestCascade removes what only a removed unit read, back to the first layer,
// and what only constants fed, on to the last.
func TestCascade(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	net, err := nn.Parse[float64]("mlp:4,4,4", []int{3}, 2, rng)
	if err != nil {
		t.Fatal(err)
	}
	a, b, c, d := net[0].(*nn.Linear[float64]), net[2].(*nn.Linear[float64]), net[4].(*nn.Linear[float64]), net[6].(*nn.Linear[float64])
	clear(b.Weight.Value.Row(0)[1:]) // unit 0 of b reads unit 0 of a alone, which is constant
	clear(a.Weight.Value.Row(0))
	for o := range 2 {
		d.Weight.Value.Row(o)[3] = 0 // unit 3 of c is unused, and unit 3 of b is read by it alone
	}
	for o := range 3 {
		c.Weight.Value.Row(o)[3] = 0
	}
	_, report, err := prune.Net[float64](net, []int{3})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []prune.Layer{{"0", 4, 3, 1, 0, 0}, {"2", 4, 2, 1, 1, 0}, {"4", 4, 3, 0, 1, 0}} {
		if report.Layers[i] != want {
			t.Errorf("layer %+v, want %+v", report.Layers[i], want)
		}
	}
}

// TestRefused names what cannot be pruned through.
func TestRefused(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	linear := func() *nn.Linear[float64] { return nn.NewLinear[float64](4, 4, rng) }
	shared := linear()
	for want, net := range map[string]nn.Sequential[float64]{
		"layer 1.0 is a layernorm": {linear(), nn.Sequential[float64]{nn.NewLayerNorm[float64](4)}, linear()},
		"layer 1 is a residual":    {linear(), &nn.Residual[float64]{Body: linear()}, linear()},
		"layer 1 is a reshape":     {linear(), nn.NewReshape[float64](1, 2, 2), nn.Flatten[float64]{}, linear()},
		"2 groups":                 {nn.NewGroupedConv2D[float64](4, 4, 1, 1, 0, 2, rng), nn.Flatten[float64]{}, nn.NewLinear[float64](4, 4, rng)},
		"1.weight is 0.weight":     {shared, &nn.Linear[float64]{Weight: shared.Weight}},
	} {
		if _, _, err := prune.Net[float64](net, []int{4}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	free := nn.Sequential[float64]{nn.NewReshape[float64](4), linear(), linear(), nn.NewLayerNorm[float64](4)}
	if err := prune.Check[float64](free); err != nil {
		t.Errorf("layers before the first and after the last with weights do not matter: %v", err)
	}
	if _, _, err := prune.Net[float64](free, []int{5}); err == nil {
		t.Error("an input that does not fit is no error")
	}
	if _, report, err := prune.Net[float64](nn.Sequential[float64]{linear()}, []int{4}); err != nil || len(report.Layers) > 0 {
		t.Errorf("a network without hidden units: %v, %v", report, err)
	}
}
