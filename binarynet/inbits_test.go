package binarynet_test

import (
	"testing"

	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
)

// TestInBits: a packed network stands where a model predicts, after a Flatten
// too, and what cannot be packed stays as it is.
func TestInBits(t *testing.T) {
	net, model := fit(t, binarynet.Options{Train: binarynet.Sign, Bits: true}, binarynet.MirrorStep[float32](optim.Constant(0.1)))
	x, labels := votes(1000, 2)
	predict := func(net nn.Layer[float32]) float64 {
		m := *model
		m.Net = net
		predictor, err := m.NewPredictor()
		if err != nil {
			t.Fatal(err)
		}
		y, err := predictor.Logits(x.Clone())
		if err != nil {
			t.Fatal(err)
		}
		return accuracy(y, labels)
	}
	flat := append(nn.Sequential[float32]{nn.Flatten[float32]{}}, net...)
	for _, whole := range []nn.Sequential[float32]{net, flat} {
		bits := binarynet.InBits(whole)
		if _, ok := bits.(*binarynet.Packed); !ok {
			t.Fatalf("a network of bits stays a %T", bits)
		}
		if a, b := predict(bits), predict(net); a < b-0.003 || a > b+0.003 {
			t.Errorf("accuracy %v in bits, %v as it was", a, b)
		}
	}
	if _, err := (&modelfile.Model{Net: binarynet.InBits(net), Input: []int{23}, Classes: model.Classes}).NewPredictor(); err == nil {
		t.Error("23 elements for a network of 24: no error")
	}
	if err := binarynet.PredictWith[float32](net, binarynet.Mean); err != nil {
		t.Fatal(err)
	}
	if _, ok := binarynet.InBits(net).(*binarynet.Packed); ok {
		t.Error("a network of means was packed")
	}
	relu, _ := fit(t, binarynet.Options{Train: binarynet.Sign}, binarynet.MirrorStep[float32](optim.Constant(0.1)))
	if _, ok := binarynet.InBits(relu).(*binarynet.Packed); ok {
		t.Error("a network with ReLU was packed")
	}
}
