package optim_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// TestMirrorStepsOfLargeParameters holds the steps that write their dual state
// beside the old one to those in place, bit for bit, also after a gradient that
// is not finite: it changes nothing, in the first step or later, and the next
// one goes on.
func TestMirrorStepsOfLargeParameters(t *testing.T) {
	const rate = 0.5
	rng := rand.New(rand.NewPCG(21, 22))
	var params []*nn.Param[float32]
	var points, duals [][]float32 // what is expected
	for _, n := range []int{1<<21 + 5, 100, 3} {
		p := &nn.Param[float32]{Value: tensor.New[float32](n), Grad: tensor.New[float32](n)}
		tensor.Uniform(p.Value, rng, 0, 1)
		dual := make([]float32, n)
		if err := (prox.Bernoulli[float32]{}).ToDual(dual, p.Value.Data); err != nil {
			t.Fatal(err)
		}
		params, points, duals = append(params, p), append(points, slices.Clone(p.Value.Data)), append(duals, dual)
	}
	o, err := optim.New(nn.Params[float32](params), optim.MirrorStep[float32](rate))
	if err != nil {
		t.Fatal(err)
	}
	holds := func(step int, when string) {
		t.Helper()
		i := 0
		for _, dual := range o.State() {
			if !slices.Equal(params[i].Value.Data, points[i]) || !slices.Equal(dual, duals[i]) {
				t.Fatalf("step %d, %s: parameter %d is not where it is expected", step, when, i)
			}
			i++
		}
	}
	params[2].Frozen = true
	for step := range 6 {
		params[2].Frozen = step < 3
		for _, p := range params {
			tensor.Uniform(p.Grad, rng, -1, 1)
		}
		for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(-1))} {
			last := &params[1].Grad.Data[99]
			was := *last
			*last = bad
			if err := o.Step(); err == nil || !strings.Contains(err.Error(), "at element 99") {
				t.Fatalf("step %d with %v: error %v", step, bad, err)
			}
			*last = was
			holds(step, "after a gradient that is not finite")
		}
		if err := o.Step(); err != nil {
			t.Fatal(err)
		}
		for i, p := range params {
			if !p.Frozen {
				simd.MirrorSigmoid(points[i], duals[i], p.Grad.Data, rate)
			}
		}
		holds(step, "after it")
	}
	state := map[string][]float32{}
	for name, dual := range o.State() {
		state[name] = slices.Clone(dual)
	}
	if err := o.Restore(o.Steps(), state); err != nil {
		t.Fatal(err)
	}
	copy(params[0].Value.Data, []float32{0.25, 0.75}) // as loaded from a file, say
	copy(points[0], params[0].Value.Data)
	params[0].Grad.Data[7] = float32(math.NaN())
	if err := o.Step(); err == nil {
		t.Fatal("NaN gives no error")
	}
	holds(6, "after it was restored")
}

// TestOverflowingDualIsNoError takes a large parameter along the largest of
// gradients until its dual states are infinite.
func TestOverflowingDualIsNoError(t *testing.T) {
	p := &nn.Param[float32]{Value: tensor.New[float32](1 << 21), Grad: tensor.New[float32](1 << 21)}
	p.Value.Fill(0.5)
	p.Grad.Fill(math.MaxFloat32)
	o, err := optim.New(nn.Params[float32]([]*nn.Param[float32]{p}), optim.MirrorStep[float32](0.5))
	if err != nil {
		t.Fatal(err)
	}
	for range 4 {
		if err := o.Step(); err != nil {
			t.Fatal(err)
		}
	}
	for _, dual := range o.State() {
		if last := float64(dual[len(dual)-1]); !math.IsInf(last, -1) || p.Value.Data[len(dual)-1] != 0 {
			t.Errorf("the dual state is %v and the point %v: want -Inf and 0", last, p.Value.Data[len(dual)-1])
		}
	}
}
