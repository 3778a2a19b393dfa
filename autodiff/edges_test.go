package autodiff_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// TestNaNPropagates sets the first input to NaN: every output must be NaN.
func TestNaNPropagates(t *testing.T) {
	t.Run("float64", testNaNPropagates[float64])
	t.Run("float32", testNaNPropagates[float32])
}

func testNaNPropagates[F tensor.Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 1))
	for _, c := range opCases[F]() {
		inputs := c.draw(rng)
		inputs[0].Fill(F(math.NaN()))
		tape := autodiff.NewTape[F]()
		var x vars[F]
		for _, in := range inputs {
			x = append(x, tape.Constant(in))
		}
		for i, y := range c.f(tape, x).Value.Data {
			if y == y && c.name != "Pow 0" && c.name != "Concat" { // x⁰ is 1; Concat has another input
				t.Errorf("%s %v: output %d is %v, want NaN", c.name, c.shapes, i, y)
			}
		}
	}
}

// TestEdges checks values and gradients where a plain formula would overflow
// or cancel.
func TestEdges(t *testing.T) {
	inf := math.Inf(1)
	type vr = autodiff.Var[float64]
	for _, c := range []struct {
		name           string
		f              func(x *vr) *vr
		x, value, grad []float64
	}{
		{"LogSoftmax", autodiff.LogSoftmax[float64], []float64{1000, 0}, []float64{0, -1000}, []float64{-1, 1}},
		{"LogSoftmax", autodiff.LogSoftmax[float64], []float64{-inf, 3}, []float64{-inf, 0}, []float64{1, -1}},
		{"LogSumExp", autodiff.LogSumExp[float64], []float64{1000, 0}, []float64{1000}, []float64{1, 0}},
		{"LogSumExp", autodiff.LogSumExp[float64], []float64{-inf, 3}, []float64{3}, []float64{0, 1}},
		{"Sigmoid", autodiff.Sigmoid[float64], []float64{-1000, 1000}, []float64{0, 1}, []float64{0, 0}},
		{"Softplus", autodiff.Softplus[float64], []float64{-1000, 1000}, []float64{0, 1000}, []float64{0, 1}},
		{"SiLU", autodiff.SiLU[float64], []float64{-1000, 1000}, []float64{0, 1000}, []float64{0, 1}},
		{"GELU", autodiff.GELU[float64], []float64{-1000, 1000}, []float64{0, 1000}, []float64{0, 1}},
		{"GELUTanh", autodiff.GELUTanh[float64], []float64{-1000, 1000}, []float64{0, 1000}, []float64{0, 1}},
		{"Tanh", autodiff.Tanh[float64], []float64{-1000, 1000}, []float64{-1, 1}, []float64{0, 0}},
		{"Exp", autodiff.Exp[float64], []float64{-1000, 1000}, []float64{0, inf}, []float64{0, inf}},
		{"Log", autodiff.Log[float64], []float64{0, 2}, []float64{-inf, math.Ln2}, []float64{inf, 0.5}},
		{"Sqrt", autodiff.Sqrt[float64], []float64{0, 4}, []float64{0, 2}, []float64{inf, 0.25}},
		{"Abs", autodiff.Abs[float64], []float64{0, -4}, []float64{0, 4}, []float64{0, -1}},
		{"ReLU", autodiff.ReLU[float64], []float64{0, 4}, []float64{0, 4}, []float64{0, 1}},
		{"Clamp", func(x *vr) *vr { return autodiff.Clamp(x, 0, 1) }, []float64{0, 4}, []float64{0, 1}, []float64{1, 0}},
		{"Max", func(x *vr) *vr { return autodiff.Max(x, x) }, []float64{3, -inf}, []float64{3, -inf}, []float64{1, 1}},
		{"Pow 0", func(x *vr) *vr { return autodiff.Pow(x, 0) }, []float64{0, inf}, []float64{1, 1}, []float64{0, 0}},
		{"Mean of none", func(x *vr) *vr { return autodiff.Mean(autodiff.Rows(x, 1, 1)) }, []float64{1, 2}, []float64{math.NaN()}, []float64{0, 0}},
	} {
		tape := autodiff.NewTape[float64]()
		x := tape.Variable(tensor.From(c.x, len(c.x)))
		y := c.f(x)
		cotangent := make([]float64, len(y.Value.Data))
		for i := range cotangent {
			cotangent[i] = 1
		}
		if c.name == "LogSoftmax" {
			cotangent[0] = 0
			if c.x[0] < 0 {
				cotangent[0], cotangent[1] = 1, 0
			}
		}
		tape.BackwardFrom(y, cotangent)
		for _, pair := range []struct {
			what      string
			got, want []float64
		}{{"value", y.Value.Data, c.value}, {"gradient", x.Grad.Data, c.grad}} {
			for i, want := range pair.want {
				got := pair.got[i]
				if !(math.Abs(got-want) <= 1e-12*math.Abs(want)+1e-300) && got != want && !(got != got && want != want) {
					t.Errorf("%s of %v: %s %v, want %v", c.name, c.x, pair.what, pair.got, pair.want)
					break
				}
			}
		}
	}
}

// BenchmarkTape measures what recording and playing back an operation costs
// beside its arithmetic.
func BenchmarkTape(b *testing.B) {
	tape := autodiff.NewTape[float32]()
	in := tensor.New[float32](1)
	b.ReportAllocs()
	for b.Loop() {
		tape.Reset()
		x := tape.Variable(in)
		for range 50 {
			x = autodiff.AddScalar(autodiff.Scale(x, 0.5), 1)
		}
		tape.Backward(x)
	}
}
