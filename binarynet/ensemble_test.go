package binarynet_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
)

// TestEnsemble: some weights are left undecided, and the averaged probabilities
// of many networks have a better log score than those of one.
func TestEnsemble(t *testing.T) {
	net, _ := fit(t, binarynet.Options{Train: binarynet.Sample}, binarynet.MirrorStep[float32](optim.Constant(0.1)))
	decided, entropy := binarynet.Decided[float32](net, 0.95), binarynet.Entropy[float32](net)
	if !(decided > 0.2 && decided <= 1 && entropy > 0 && entropy < 0.9) {
		t.Errorf("share decided %v, entropy %v bits", decided, entropy)
	}
	learned, _ := votes(2000, 1)
	x, labels := votes(1000, 2)
	score := func(networks int) float64 {
		p, err := binarynet.Ensemble[float32](net, x, networks, []*tensor.Tensor[float32]{learned}, newRand())
		if err != nil {
			t.Fatal(err)
		}
		sum := 0.0
		for i, label := range labels {
			sum += losses.Log(float64(p.Row(i)[label]), true) / float64(len(labels))
		}
		return sum
	}
	if one, many := score(1), score(20); !(many < one) {
		t.Errorf("log score %v of 20 networks, %v of one", many, one)
	}
	if _, err := binarynet.Ensemble[float32](net, x, 0, nil, newRand()); err == nil {
		t.Error("an ensemble of none is no error")
	}
	if _, err := binarynet.Ensemble[float32](net, x.Rows(0, 0), 1, nil, newRand()); err == nil {
		t.Error("an ensemble for no example is no error")
	}
	if err := binarynet.PredictWith[float32](net, "mode"); err == nil {
		t.Error("an unknown map is no error")
	}
}

// TestDraws: each round has networks of signs with statistics of their own, all
// together have the model's probabilities, and nothing of it is left.
func TestDraws(t *testing.T) {
	net := binarynet.NewMLP[float32]([]int{24, 16, 2}, binarynet.Options{Train: binarynet.Sample}, newRand())
	x, _ := votes(300, 1)
	for i := range x.Data {
		x.Data[i] += 2 // a draw then moves the mean of a unit
	}
	before := modelfile.Tensors(net)
	for name, w := range before {
		before[name] = w.Clone()
	}
	const networks = 400
	first := net[0].(*binarynet.Linear[float32])
	mean := make([]float64, len(first.Probability.Value.Data))
	for n := range binarynet.Draws[float32](net, networks, []*tensor.Tensor[float32]{x}, newRand()) {
		for i, p := range first.Probability.Value.Data {
			if p != 0 && p != 1 {
				t.Fatalf("round %d: a probability of %v", n, p)
			}
			mean[i] += float64(p) / networks
		}
		if n > 0 {
			continue
		}
		// In the first round: the normalised logits of the batch have mean 0 and
		// variance 1, but for a factor 300/299 in the variances on the way.
		tape := autodiff.NewTape[float32]()
		y := net.Forward(&nn.Pass[float32]{Tape: tape}, tape.Constant(x)).Value
		for c := range 2 {
			sum, squares := 0.0, 0.0
			for i := range 300 {
				v := float64(y.Row(i)[c])
				sum, squares = sum+v/300, squares+v*v/300
			}
			if math.Abs(sum) > 1e-2 || math.Abs(squares-1) > 2e-2 {
				t.Errorf("logit %d has mean %v and mean square %v", c, sum, squares)
			}
		}
	}
	for i, m := range mean {
		// Five standard errors of a share of 400.
		if p := float64(before["0.probability"].Data[i]); math.Abs(m-p) > 5*0.5/20 {
			t.Errorf("weight %d was drawn with frequency %v, want %v", i, m, p)
		}
	}
	for range binarynet.Draws[float32](net, 2, nil, newRand()) {
		break
	}
	if !cmp.Equal(before, modelfile.Tensors(net)) {
		t.Error("the model has changed")
	}
	binarynet.PredictWith[float32](net, binarynet.Mean)
	for range binarynet.Draws[float32](net, 1, nil, newRand()) {
		for l := range binarynet.Layers[float32](net) {
			if l.Predict != binarynet.Sign {
				t.Error("a drawn network does not predict by its signs")
			}
		}
	}
	if slices.ContainsFunc(slices.Collect(binarynet.Layers[float32](net)), func(l *binarynet.Linear[float32]) bool { return l.Predict != binarynet.Mean }) {
		t.Error("the map of the model has changed")
	}
}

// TestSharpen: logits are multiplied, at the edges and beyond what float32 tells
// from them; signs stay.
func TestSharpen(t *testing.T) {
	l := binarynet.NewLinear[float64](9, 1, binarynet.Sign, newRand())
	x := l.Probability.Value.Data
	before := []float64{0, 1e-300, 1e-9, 0.3, 0.5, 0.7, 1 - 1e-9, 1, math.NaN()}
	for _, factor := range []float64{0.5, 1, 4} {
		copy(x, before)
		if err := binarynet.Sharpen[float64](l, factor); err != nil {
			t.Fatal(err)
		}
		for i, p := range before {
			want := 1 / (1 + math.Exp(-factor*(math.Log(p)-math.Log1p(-p))))
			if math.Abs(x[i]-want) > 1e-12 || math.IsNaN(x[i]) != math.IsNaN(p) {
				t.Errorf("%v by %v: got %v, want %v", p, factor, x[i], want)
			}
			if (p >= 0.5) != (x[i] >= 0.5) {
				t.Errorf("%v by %v: %v has another sign", p, factor, x[i])
			}
		}
	}
	for _, factor := range []float64{0, -1, math.Inf(1), math.NaN()} {
		if binarynet.Sharpen[float64](l, factor) == nil {
			t.Errorf("a factor of %v is no error", factor)
		}
	}
}

// TestSharpened: to train by signs with logits and rate factor times as large is
// to train the same network, and to sharpen it.
func TestSharpened(t *testing.T) {
	const factor = 4
	trained := func(before, after float64) []float64 {
		net := binarynet.NewMLP[float64]([]int{24, 16, 2}, binarynet.Options{Train: binarynet.Sign, Bits: true}, newRand())
		if err := binarynet.Sharpen[float64](net, before); err != nil {
			t.Fatal(err)
		}
		opt, err := optim.New(nn.Params[float64](net), optim.AdamStep[float64](1e-3), binarynet.Group(binarynet.MirrorStep[float64](optim.Constant(0.1*before))))
		if err != nil {
			t.Fatal(err)
		}
		x, labels := votes(200, 3)
		wide := tensor.New[float64](x.Shape...)
		for i, v := range x.Data {
			wide.Data[i] = float64(v)
		}
		pass := &nn.Pass[float64]{Tape: autodiff.NewTape[float64](), Train: true}
		for range 30 {
			pass.Tape.Reset()
			pass.Tape.Backward(losses.CrossEntropy(net.Forward(pass, pass.Tape.Constant(wide)), labels, losses.CrossEntropyOptions{}))
			if err := opt.Step(); err != nil {
				t.Fatal(err)
			}
		}
		if err := binarynet.Sharpen[float64](net, after); err != nil {
			t.Fatal(err)
		}
		return net[1].(*binarynet.Linear[float64]).Probability.Value.Data
	}
	large, sharpened := trained(factor, 1), trained(1, factor)
	for i, want := range sharpened {
		if math.Abs(large[i]-want) > 1e-9 {
			t.Fatalf("weight %d: %v, and sharpened %v", i, large[i], want)
		}
	}
}
