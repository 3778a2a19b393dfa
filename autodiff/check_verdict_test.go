package autodiff_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// TestParametersAreChecked wraps what a layer does: f puts the parameter on
// the tape itself, with a gradient of its own.
func TestParametersAreChecked(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 1))
	x, weight, grad := tensor.New[float64](3, 2), tensor.New[float64](2, 4), tensor.New[float64](2, 4)
	tensor.Normal(x, rng, 0, 1)
	tensor.Normal(weight, rng, 0, 1)
	layer := func(tape *autodiff.Tape[float64], x []*autodiff.Var[float64]) *autodiff.Var[float64] {
		return autodiff.Tanh(autodiff.MatMul(x[0], tape.Leaf(weight, grad), tensor.Product[float64]{}))
	}
	before := slices.Clone(weight.Data)
	v := autodiff.Check(layer, x, weight)
	if !v.OK || v.Resolved != 6+8 || len(v.Unexercised) != 0 {
		t.Errorf("got %v, want %d derivatives right", v, 6+8)
	}
	if !slices.Equal(weight.Data, before) {
		t.Error("the check left the parameter changed")
	}
	// The same tensor twice is one parameter.
	if v := autodiff.Check(layer, x, weight, weight); !v.OK {
		t.Error(v)
	}
}

func TestUnexercisedElementsAreNamed(t *testing.T) {
	x := tensor.From([]float64{1, -2, 3, -4, 5}, 5)
	v := autodiff.Check(func(_ *autodiff.Tape[float64], x []*autodiff.Var[float64]) *autodiff.Var[float64] {
		return autodiff.ReLU(autodiff.Rows(x[0], 0, 4))
	}, x)
	if !v.OK || len(v.Unexercised) != 1 || !slices.Equal(v.Unexercised[0].First, []int{1, 3, 4}) {
		t.Errorf("got %v, want elements 1, 3 and 4 named", v)
	}
	if text := "input 0: 3 of 5 elements made no difference, such as [1 3 4]"; !strings.Contains(v.String(), text) {
		t.Errorf("got %q, want %q in it", v, text)
	}
}

// TestLargeInputsCostLittle bounds what a check of many elements computes, and
// demands that it still finds the only wrong one.
func TestLargeInputsCostLittle(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 2))
	x := tensor.New[float64](50, 60)
	tensor.Normal(x, rng, 0, 1)
	v := autodiff.Check(func(_ *autodiff.Tape[float64], x []*autodiff.Var[float64]) *autodiff.Var[float64] {
		return autodiff.Tanh(x[0])
	}, x)
	if !v.OK || v.Evaluations > 1500 {
		t.Errorf("%d evaluations, want at most 1500: %v", v.Evaluations, v)
	}
	v = autodiff.Check(func(_ *autodiff.Tape[float64], x []*autodiff.Var[float64]) *autodiff.Var[float64] {
		return autodiff.Rows(x[0], 0, 49)
	}, x)
	if u := v.Unexercised; !v.OK || len(u) != 1 || u[0].Count != 60 || u[0].First[0] != 49*60 {
		t.Errorf("got %v, want the last row's 60 elements named", v)
	}
	v = autodiff.Check(func(_ *autodiff.Tape[float64], x []*autodiff.Var[float64]) *autodiff.Var[float64] {
		return sine(x[0], func(i int, right []float64) float64 {
			if i == 2345 {
				return 0
			}
			return right[i]
		})
	}, x)
	if v.OK || v.Findings[0].Index != 2345 {
		t.Errorf("want element 2345 found: %v", v)
	}
}
