package binarynet_test

import (
	"math"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
	"pgregory.net/rapid"
)

// bitNet is a network of signs whose normalisations are anything, negative and
// zero weights among them.
func bitNet(sizes []int, seed uint64) nn.Sequential[float32] {
	model := binarynet.NewMLP[float32](sizes, binarynet.Options{Train: binarynet.Sign, Bits: true}, newRand())
	for l := range binarynet.Layers[float32](model) {
		l.Scale = 1 // products are whole numbers, exact in float32
		l.Probability.Value = tensor.Convert[float32](normal(seed, l.Probability.Value.Shape...))
		for i, v := range l.Probability.Value.Data {
			l.Probability.Value.Data[i] = 1 / (1 + float32(math.Exp(-float64(v))))
		}
		seed++
	}
	for i := 2; i < len(model); i += 3 {
		b := model[i].(*nn.BatchNorm[float32])
		for j, v := range normal(seed, len(b.Weight.Value.Data)).Data {
			b.Weight.Value.Data[j] = float32(v)
			b.RunningMean.Value.Data[j] = float32(3*v) + 0.37 // never a whole number: no ties
			b.RunningVar.Value.Data[j] = float32(1 + v*v)
			b.Bias.Value.Data[j] = float32(v / 7)
			if j%5 == 4 {
				b.Weight.Value.Data[j] = 0
			}
		}
		seed++
	}
	return model
}

// TestPackedIsTheModel: for any sizes the bits give the model's own outputs.
func TestPackedIsTheModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sizes := rapid.SliceOfN(rapid.IntRange(1, 140), 2, 4).Draw(t, "sizes")
		seed := rapid.Uint64().Draw(t, "seed")
		n := rapid.IntRange(1, 40).Draw(t, "n")
		model := bitNet(sizes, seed)
		packed, err := binarynet.Pack(model)
		if err != nil {
			t.Fatal(err)
		}
		x := tensor.Convert[float32](normal(seed, n, sizes[0]))
		got, err := packed.Logits(x)
		if err != nil {
			t.Fatal(err)
		}
		tape := autodiff.NewTape[float32]()
		want := model.Forward(&nn.Pass[float32]{Tape: tape}, tape.Constant(x)).Value
		for i, w := range want.Data {
			if math.Abs(float64(got.Data[i]-w)) > 1e-4*(1+math.Abs(float64(w))) {
				t.Fatalf("output %d is %v, want %v", i, got.Data[i], w)
			}
		}
	})
}

func TestPackRefuses(t *testing.T) {
	rng := newRand()
	linear := func(in, out int) *binarynet.Linear[float32] {
		return binarynet.NewLinear[float32](in, out, binarynet.Sign, rng)
	}
	threshold := binarynet.Threshold[float32]{Window: 1}
	unsigned := linear(3, 2)
	unsigned.Unsigned = true
	spoilt := nn.NewBatchNorm[float32](2)
	spoilt.RunningVar.Value.Data[1] = float32(math.NaN())
	for name, c := range map[string]struct {
		model nn.Sequential[float32]
		text  string
	}{
		"nothing":           {nil, "empty"},
		"real inputs":       {nn.Sequential[float32]{linear(3, 2)}, "layer 0 is a binarylinear"},
		"float weights":     {nn.Sequential[float32]{threshold, nn.NewLinear[float32](3, 2, rng)}, "layer 1 is a linear"},
		"weights 0 and 1":   {nn.Sequential[float32]{threshold, unsigned}, "±1"},
		"real activations":  {nn.Sequential[float32]{threshold, linear(3, 2), nn.NewBatchNorm[float32](2), nn.ReLU[float32]{}, linear(2, 2)}, "layer 3 is a relu"},
		"no normalisation":  {nn.Sequential[float32]{threshold, linear(3, 2), threshold, linear(2, 2)}, "layer 2 is a threshold"},
		"a threshold last":  {nn.Sequential[float32]{threshold}, "ends in a threshold"},
		"sizes":             {nn.Sequential[float32]{threshold, linear(3, 2), nn.NewBatchNorm[float32](2), threshold, linear(5, 2)}, "5 inputs"},
		"a variance of NaN": {nn.Sequential[float32]{threshold, linear(3, 2), spoilt}, "not finite"},
	} {
		if _, err := binarynet.Pack(c.model); err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: error %v, want one with %q", name, err, c.text)
		}
	}
	packed, err := binarynet.Pack(bitNet([]int{6, 3}, 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := packed.Logits(tensor.New[float32](2, 5)); err == nil {
		t.Error("an input of 5 numbers for 6 is no error")
	}
	if y, err := packed.Logits(tensor.New[float32](2, 2, 3)); err != nil || y.Shape[1] != 3 {
		t.Errorf("a picture of 2 by 3: %v", err)
	}
}

// BenchmarkPredict sets the packed network beside the same sizes in float32.
func BenchmarkPredict(b *testing.B) {
	sizes := []int{784, 512, 512, 10}
	packed, err := binarynet.Pack(bitNet(sizes, 1))
	if err != nil {
		b.Fatal(err)
	}
	var float nn.Sequential[float32]
	for i := range 3 {
		float = append(float, nn.NewLinear[float32](sizes[i], sizes[i+1], newRand()), nn.ReLU[float32]{})
	}
	for _, n := range []int{1, 1024} {
		x := tensor.Convert[float32](normal(1, n, 784))
		name := map[int]string{1: "one", 1024: "batch"}[n]
		b.Run(name+"/packed", func(b *testing.B) {
			for b.Loop() {
				if _, err := packed.Logits(x); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/float32", func(b *testing.B) {
			pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32]()}
			for b.Loop() {
				pass.Tape.Reset()
				float.Forward(pass, pass.Tape.Constant(x))
			}
		})
	}
}
