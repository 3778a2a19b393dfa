package binarynet_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/train"
)

// votes draws examples of 24 signs whose class is what a hidden vector of signs
// says of them, and a tenth of whose signs are turned over afterwards.
func votes(n int, seed uint64) (*tensor.Tensor[float32], []int) {
	rng := rand.New(rand.NewPCG(seed, 7))
	x, labels := tensor.New[float32](n, 24), make([]int, n)
	for i := range n {
		sum := 0
		for j := range 24 {
			s := 2*rng.IntN(2) - 1
			sum += s * (1 - 2*(j%3/2))
			if rng.IntN(10) == 0 {
				s = -s
			}
			x.Row(i)[j] = float32(s)
		}
		if sum > 0 {
			labels[i] = 1
		}
	}
	return x, labels
}

// fit trains a network of signs on votes and returns it with its model.
func fit(t *testing.T, o binarynet.Options, step optim.Step[float32]) (nn.Sequential[float32], *modelfile.Model) {
	t.Helper()
	x, labels := votes(2000, 1)
	source, err := dataset.NewMemory("votes", x, labels, []string{"no", "yes"})
	if err != nil {
		t.Fatal(err)
	}
	net := binarynet.NewMLP[float32]([]int{24, 32, 2}, o, newRand())
	model := &modelfile.Model{Net: net, Input: []int{24}, Classes: []string{"no", "yes"}}
	_, err = train.Fit(t.Context(), model, train.Config{
		Train: source, BatchSize: 50, Shuffle: true, Seed: 1, Epochs: 8, Monitor: train.Accuracy,
		Step: optim.AdamStep[float32](0.01), Groups: []optim.Group[float32]{binarynet.Group(step)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return net, model
}

// logits are those of a model on unseen votes, with their labels.
func logits(net nn.Layer[float32]) (*tensor.Tensor[float32], []int) {
	x, labels := votes(1000, 2)
	tape := autodiff.NewTape[float32]()
	return net.Forward(&nn.Pass[float32]{Tape: tape, Rand: newRand()}, tape.Constant(x)).Value, labels
}

func accuracy(y *tensor.Tensor[float32], labels []int) float64 {
	right := 0
	for i, label := range labels {
		if (y.Row(i)[1] > y.Row(i)[0]) == (label == 1) {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}

// TestFit trains by each map and by Bop; a tenth of flipped signs leaves about
// 85% to be had, and always saying no has 58%.
func TestFit(t *testing.T) {
	mirror := binarynet.MirrorStep[float32](optim.Cosine{From: 0.3, To: 0.01, Steps: 320})
	for _, c := range []struct {
		name string
		o    binarynet.Options
		step optim.Step[float32]
	}{
		{"mean", binarynet.Options{Train: binarynet.Mean}, mirror},
		{"sample", binarynet.Options{Train: binarynet.Sample}, mirror},
		{"straight through", binarynet.Options{Train: binarynet.Sign}, mirror},
		{"bits", binarynet.Options{Train: binarynet.Sign, Bits: true}, mirror},
		{"bop", binarynet.Options{Train: binarynet.Sign, Bits: true}, binarynet.BopStep[float32](0.02, 1e-5)},
	} {
		net, _ := fit(t, c.o, c.step)
		x, _ := votes(2000, 1)
		if err := binarynet.Recalibrate(net, []*tensor.Tensor[float32]{tensor.From(x.Data[:1000*24], 1000, 24), tensor.From(x.Data[1000*24:], 1000, 24)}, newRand()); err != nil {
			t.Fatal(err)
		}
		y, labels := logits(net)
		if a := accuracy(y, labels); a < 0.75 {
			t.Errorf("%s: the network of signs has an accuracy of %v", c.name, a)
		}
		if !c.o.Bits {
			continue
		}
		packed, err := binarynet.Pack(net)
		if err != nil {
			t.Fatal(err)
		}
		test, _ := votes(1000, 2)
		bits, err := packed.Logits(test)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := accuracy(bits, labels), accuracy(y, labels); math.Abs(a-b) > 0.003 {
			t.Errorf("%s: packed accuracy %v, the model's %v", c.name, a, b)
		}
	}
}

func TestModelAsFile(t *testing.T) {
	net, model := fit(t, binarynet.Options{Train: binarynet.Sign, Bits: true}, binarynet.MirrorStep[float32](optim.Constant(0.1)))
	path := t.TempDir() + "/bits"
	if err := model.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := modelfile.Load(path, binarynet.Kinds()...)
	if err != nil {
		t.Fatal(err)
	}
	a, _ := logits(net)
	b, _ := logits(loaded.Net)
	if !slices.Equal(a.Data, b.Data) {
		t.Error("the loaded model says something else")
	}
	// A file of another network is read as before.
	plain := &modelfile.Model{Net: nn.Sequential[float32]{nn.NewLinear[float32](24, 2, newRand())}, Input: []int{24}, Classes: model.Classes}
	if err := plain.Save(path); err != nil {
		t.Fatal(err)
	}
	if _, err := modelfile.Load(path, binarynet.Kinds()...); err != nil {
		t.Error(err)
	}
}

// TestStepAllocatesNothing: in the steady state, for each map.
func TestStepAllocatesNothing(t *testing.T) {
	for _, name := range []string{binarynet.Mean, binarynet.Sample, binarynet.Sign} {
		net := binarynet.NewMLP[float32]([]int{24, 16, 2}, binarynet.Options{Train: name, Bits: true}, newRand())
		opt, err := optim.New(nn.Params[float32](net), optim.AdamStep[float32](1e-3), binarynet.Group(binarynet.MirrorStep[float32](optim.Constant(0.1))))
		if err != nil {
			t.Fatal(err)
		}
		x, labels := votes(8, 3)
		pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: newRand()}
		if n := testing.AllocsPerRun(20, func() {
			pass.Tape.Reset()
			pass.Tape.Backward(losses.CrossEntropy(net.Forward(pass, pass.Tape.Constant(x)), labels, losses.CrossEntropyOptions{}))
			if err := opt.Step(); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations a step", name, n)
		}
	}
}
