package losses_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/opscan"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/tensor"
)

// TestGradients is the table of gradient checks.
func TestGradients(t *testing.T) {
	type v = autodiff.Var[float64]
	rng := rand.New(rand.NewPCG(3, 1))
	targets := tensor.New[float64](5, 4)
	tensor.Uniform(targets, rng, 0, 1)
	labels, some := []int{0, 3, 1, 1, 2}, []int{0, losses.Ignore, 1, 3, losses.Ignore}
	weights := []float64{1, 0.5, 0, 3}
	var ops []string
	for name, f := range map[string]func(z *v) *v{
		"cross entropy": func(z *v) *v { return losses.CrossEntropy(z, labels, losses.CrossEntropyOptions{}) },
		"sum": func(z *v) *v {
			return losses.CrossEntropy(z, labels, losses.CrossEntropyOptions{Reduction: losses.SumReduction})
		},
		"smoothed, weighted, ignored": func(z *v) *v {
			return losses.CrossEntropy(z, some, losses.CrossEntropyOptions{Weights: weights, Smoothing: 0.2})
		},
		"soft": func(z *v) *v { return losses.CrossEntropySoft(z, targets, losses.CrossEntropyOptions{}) },
		"soft, smoothed, weighted": func(z *v) *v {
			return losses.CrossEntropySoft(z, targets, losses.CrossEntropyOptions{Weights: weights, Smoothing: 0.2})
		},
		"squared error":            func(z *v) *v { return losses.MSE(z, targets, losses.MeanReduction) },
		"squared error by example": func(z *v) *v { return losses.MSE(z, targets, losses.ExampleReduction) },
		"binary":                   func(z *v) *v { return losses.BinaryCrossEntropy(z, targets, losses.MeanReduction) },
		"binary sum":               func(z *v) *v { return losses.BinaryCrossEntropy(z, targets, losses.SumReduction) },
	} {
		logits := tensor.New[float64](5, 4)
		tensor.Normal(logits, rng, 0, 3)
		verdict := autodiff.Check(func(_ *autodiff.Tape[float64], x []*v) *v { return f(x[0]) }, logits)
		if !verdict.OK || verdict.Worst > 1e-7 {
			t.Errorf("%s: %v", name, verdict)
		}
		ops = append(ops, verdict.Ops...)
	}
	declared, err := opscan.Ops(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range opscan.Missing(declared, ops) {
		t.Errorf("%s: an operation without a gradient check", op)
	}
}
