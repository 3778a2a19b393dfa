//go:build !race

// The race detector makes pools forget at random, so allocations are counted
// without it.

package autodiff_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

func TestSteadyStateAllocatesNothing(t *testing.T) {
	tape := autodiff.NewTape[float32]()
	in, w, b := tensor.New[float32](8, 16), tensor.New[float32](16, 16), tensor.New[float32](16)
	dw, db := tensor.New[float32](16, 16), tensor.New[float32](16)
	step := func() {
		tape.Reset()
		x := tape.Constant(in)
		for range 4 {
			x = autodiff.AddRow(autodiff.MatMul(x, tape.Leaf(w, dw), tensor.Product[float32]{TransB: true}), tape.Leaf(b, db))
		}
		tape.Backward(autodiff.Sum(autodiff.Mul(x, x)))
	}
	step()
	step()
	if n := testing.AllocsPerRun(50, step); n != 0 {
		t.Fatalf("a step allocates %v times, want 0", n)
	}
}

func TestOpsAllocateNothing(t *testing.T) {
	t.Run("float64", testOpsAllocateNothing[float64])
	t.Run("float32", testOpsAllocateNothing[float32])
}

func testOpsAllocateNothing[F tensor.Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 4))
	for _, c := range opCases[F]() {
		if n := allocations(c, c.draw(rng)); n != 0 {
			t.Errorf("%s %v: %v allocations a step, want 0", c.name, c.shapes, n)
		}
	}
}

// allocations returns how many a step makes once the tape has settled.
func allocations[F tensor.Float](c opCase[F], inputs []*tensor.Tensor[F]) float64 {
	tape := autodiff.NewTape[F]()
	x := make([]*autodiff.Var[F], len(inputs))
	cotangent := make([]F, 1000)
	step := func() {
		tape.Reset()
		for i := range inputs {
			x[i] = tape.Variable(inputs[i])
		}
		y := c.f(tape, x)
		tape.BackwardFrom(y, cotangent[:len(y.Value.Data)])
	}
	step()
	step()
	return testing.AllocsPerRun(5, step)
}
