package losses_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/tensor"
)

func ExampleBinaryCrossEntropy() {
	tape := autodiff.NewTape[float64]()
	logits := tape.Variable(tensor.From([]float64{1000, 0, -1000, 1000}, 2, 2))
	targets := tensor.From([]float64{1, 1, 0, 0}, 2, 2)
	loss := losses.BinaryCrossEntropy(logits, targets, losses.ExampleReduction)
	tape.Backward(loss)
	fmt.Printf("%.4f %.2f\n", loss.Value.Data[0], logits.Grad.Data)
	// Output: 500.3466 [0.00 -0.25 0.00 0.50]
}

func TestBinaryCrossEntropyExtremes(t *testing.T) {
	tiny, nan := math.Exp(-40), math.NaN()
	for _, c := range []struct{ z, t, loss, grad float64 }{
		{1000, 1, 0, 0},
		{1000, 0, 1000, 1},
		{-1000, 1, 1000, -1},
		{-1000, 0, 0, 0},
		{40, 1, tiny, -tiny},
		{-40, 0, tiny, tiny},
		{0, 0.5, math.Ln2, 0},
		{1000, 0.25, 750, 0.75},
		{math.MaxFloat64, 1, 0, 0},
		{nan, 1, nan, nan},
		{1, nan, nan, nan},
	} {
		tape := autodiff.NewTape[float64]()
		z := tape.Variable(tensor.From([]float64{c.z}, 1))
		loss := losses.BinaryCrossEntropy(z, tensor.From([]float64{c.t}, 1), losses.SumReduction)
		tape.Backward(loss)
		if got := loss.Value.Data[0]; !almost(got, c.loss) {
			t.Errorf("logit %v, target %v: loss %v, want %v", c.z, c.t, got, c.loss)
		}
		if got := z.Grad.Data[0]; !almost(got, c.grad) {
			t.Errorf("logit %v, target %v: gradient %v, want %v", c.z, c.t, got, c.grad)
		}
	}
}

// TestReductions holds each on errors of 1, 2, 3 and 4 in two examples.
func TestReductions(t *testing.T) {
	for how, want := range map[losses.Reduction]float64{losses.MeanReduction: 7.5, losses.SumReduction: 30, losses.ExampleReduction: 15} {
		tape := autodiff.NewTape[float32]()
		y := tape.Variable(tensor.From([]float32{1, 2, 3, 4}, 2, 2))
		loss := losses.MSE(y, tensor.New[float32](2, 2), how)
		tape.Backward(loss)
		if got := float64(loss.Value.Data[0]); got != want {
			t.Errorf("reduction %v: got %v, want %v", how, got, want)
		}
		if g, scale := y.Grad.Data, float32(want/15); !slices.Equal(g, []float32{scale, 2 * scale, 3 * scale, 4 * scale}) {
			t.Errorf("reduction %v: gradient %v, want %v·[1 2 3 4]", how, g, scale)
		}
	}
}

func TestLossOfNothingIsZero(t *testing.T) {
	for name, f := range map[string]func(z *autodiff.Var[float32]) *autodiff.Var[float32]{
		"MSE": func(z *autodiff.Var[float32]) *autodiff.Var[float32] {
			return losses.MSE(z, tensor.New[float32](0, 3), losses.MeanReduction)
		},
		"BinaryCrossEntropy": func(z *autodiff.Var[float32]) *autodiff.Var[float32] {
			return losses.BinaryCrossEntropy(z, tensor.New[float32](0, 3), losses.ExampleReduction)
		},
		"CrossEntropy": func(z *autodiff.Var[float32]) *autodiff.Var[float32] {
			return losses.CrossEntropy(z, nil, losses.CrossEntropyOptions{})
		},
	} {
		tape := autodiff.NewTape[float32]()
		loss := f(tape.Variable(tensor.New[float32](0, 3)))
		tape.Backward(loss)
		if got := loss.Value.Data[0]; got != 0 {
			t.Errorf("%s: got %v, want 0", name, got)
		}
	}
}

func TestLossesRefuseOtherShapes(t *testing.T) {
	for _, f := range []func(z *autodiff.Var[float32]){
		func(z *autodiff.Var[float32]) { losses.MSE(z, tensor.New[float32](3, 2), losses.MeanReduction) },
		func(z *autodiff.Var[float32]) {
			losses.BinaryCrossEntropy(z, tensor.New[float32](6), losses.MeanReduction)
		},
	} {
		text := panicText(func() { f(autodiff.NewTape[float32]().Constant(tensor.New[float32](2, 3))) })
		if !strings.Contains(text, "of one shape") {
			t.Errorf("got panic %q", text)
		}
	}
}

func TestLossesAllocateNothing(t *testing.T) {
	tape := autodiff.NewTape[float32]()
	x, targets, labels := tensor.New[float32](64, 10), tensor.New[float32](64, 10), make([]int, 64)
	weights := make([]float64, 10)
	step := func() {
		tape.Reset()
		z := tape.Variable(x)
		loss := losses.CrossEntropy(z, labels, losses.CrossEntropyOptions{Weights: weights, Smoothing: 0.1})
		for _, other := range [...]*autodiff.Var[float32]{
			losses.CrossEntropySoft(z, targets, losses.CrossEntropyOptions{}),
			losses.MSE(z, targets, losses.MeanReduction),
			losses.BinaryCrossEntropy(z, targets, losses.SumReduction),
		} {
			loss = autodiff.Add(loss, other)
		}
		tape.Backward(loss)
	}
	for range 3 {
		step()
	}
	if n := testing.AllocsPerRun(20, step); n != 0 {
		t.Errorf("a step allocates %v times, want 0", n)
	}
}
