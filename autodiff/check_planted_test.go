package autodiff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// planted is an operation whose pullback is a function, for faults.
type planted[F tensor.Float] struct {
	y    *autodiff.Var[F]
	pull func(dy []F)
}

func (op *planted[F]) Pull() { op.pull(op.y.Grad.Data) }

// plant records an operation on inputs of any shape with a value and a
// pullback, right or wrong.
func plant[F tensor.Float](shape []int, value func(y []F), pull func(dy []F), inputs ...*autodiff.Var[F]) *autodiff.Var[F] {
	y := inputs[0].Tape().Output(shape, inputs...)
	value(y.Value.Data)
	return autodiff.Record(y, planted[F]{y, pull})
}

// sine is sin x with a pullback that adds what wrong says for element i.
func sine[F tensor.Float](x *autodiff.Var[F], wrong func(i int, right []F) F) *autodiff.Var[F] {
	data := x.Value.Data
	return plant(x.Shape(), func(y []F) {
		for i, v := range data {
			y[i] = F(math.Sin(float64(v)))
		}
	}, func(dy []F) {
		right := make([]F, len(dy))
		for i := range dy {
			right[i] = dy[i] * F(math.Cos(float64(data[i])))
		}
		g := x.Accumulate()
		for i := range g {
			g[i] += wrong(i, right)
		}
	}, x)
}

type fault[F tensor.Float] struct {
	name   string
	cause  autodiff.Cause
	text   string // that the verdict must hold
	shapes [][]int
	f      func(t *autodiff.Tape[F], x []*autodiff.Var[F]) *autodiff.Var[F]
}

func faults[F tensor.Float]() []fault[F] {
	type tape = autodiff.Tape[F]
	type vr = autodiff.Var[F]
	var all []fault[F]
	add := func(name string, cause autodiff.Cause, text string, f func(x vars[F]) *vr, shapes ...[]int) {
		all = append(all, fault[F]{name, cause, text, shapes, func(_ *tape, x vars[F]) *vr { return f(x) }})
	}
	wrongSine := func(name string, cause autodiff.Cause, text string, wrong func(i int, right []F) F, shapes ...[]int) {
		for _, shape := range shapes {
			add(fmt.Sprint(name, shape), cause, text, func(x vars[F]) *vr { return sine(x[0], wrong) }, shape)
		}
	}
	checker := autodiff.NewChecker[F]()
	slight := 10 * max(checker.Tolerance, checker.Coarse) // 1e-6 in float64
	wrongSine("a slight factor", autodiff.Factor, "times 1.0", func(i int, right []F) F { return right[i] * F(1+slight) }, []int{9})
	wrongSine("channels' constants", autodiff.NoMean, "constant (channels)", func(i int, right []F) F { return right[i] + F(1+i/3%2)/4 }, []int{4, 2, 3})
	ranks := [][]int{{9}, {4, 6}, {2, 3, 4}}
	wrongSine("sign", autodiff.Sign, "sign is wrong", func(i int, right []F) F { return -right[i] }, ranks...)
	wrongSine("factor", autodiff.Factor, "times 1.25", func(i int, right []F) F { return right[i] * 1.25 }, ranks...)
	wrongSine("mean", autodiff.Factor, "its size", func(i int, right []F) F { return right[i] * F(len(right)) }, ranks...)
	wrongSine("one row's mean", autodiff.Factor, "one over its dimension 1", func(i int, right []F) F { return right[i] / 7 }, []int{4, 7})
	wrongSine("next element", autodiff.Shift, "element j+1", func(i int, right []F) F { return right[(i+1)%len(right)] }, ranks...)
	wrongSine("earlier element", autodiff.Shift, "element j-2", func(i int, right []F) F {
		if i < 2 {
			return 0
		}
		return right[i-2]
	}, ranks...)
	wrongSine("next in its row", autodiff.Shift, "index j of dimension 1 has what belongs to index j+1", func(i int, right []F) F {
		if i%6 == 5 {
			return 0
		}
		return right[i+1]
	}, []int{4, 6})
	wrongSine("transposed", autodiff.Transposed, "transposed", func(i int, right []F) F { return right[i%4*6+i/4] }, []int{4, 6})
	wrongSine("stored as [in, out, k]", autodiff.Transposed, "dimensions 0 and 1", func(i int, right []F) F {
		return right[((i/4%2)*3+i/8)*4+i%4]
	}, []int{2, 3, 4})
	wrongSine("kernel flipped", autodiff.Reversed, "backwards", func(i int, right []F) F { return right[i/6*6+5-i%6] }, []int{3, 2, 3})
	wrongSine("reversed", autodiff.Reversed, "backwards", func(i int, right []F) F { return right[len(right)-1-i] }, ranks...)
	wrongSine("rows reversed", autodiff.Reversed, "backwards", func(i int, right []F) F { return right[i/5*5+4-i%5] }, []int{3, 5})
	wrongSine("permuted", autodiff.Permuted, "order", func(i int, right []F) F { return right[i*5%len(right)] }, []int{9})
	wrongSine("last element", autodiff.Part, "where it is zero", func(i int, right []F) F {
		if i == len(right)-1 {
			return 0
		}
		return right[i]
	}, ranks...)
	wrongSine("one column", autodiff.Part, "index 2 of 6 along dimension 1", func(i int, right []F) F {
		if i%6 == 2 {
			return right[i] * 1.5
		}
		return right[i]
	}, []int{4, 6})
	wrongSine("one of many", autodiff.Part, "at [777]", func(i int, right []F) F {
		if i == 777 {
			return 0
		}
		return right[i]
	}, []int{1000}, []int{30, 40})
	wrongSine("a constant", autodiff.NoMean, "lacks a constant", func(i int, right []F) F { return right[i] + 0.125 }, ranks...)
	add("missing term", autodiff.Unexplained, "a term may be missing", func(x vars[F]) *vr {
		constant := autodiff.Exp(x[0].Tape().Constant(x[0].Value))
		return autodiff.Add(constant, autodiff.Pow(x[0], 3))
	}, []int{6})
	add("last row of the batch", autodiff.SomeOutputs, "leading index [3] of 4", func(x vars[F]) *vr {
		a, row := x[0].Value.Data, x[1]
		return plant([]int{4, 3}, func(y []F) {
			for i := range y {
				y[i] = a[i] * row.Value.Data[i%3]
			}
		}, func(dy []F) {
			g := row.Accumulate()
			for i := range dy[:9] {
				g[i%3] += dy[i] * a[i]
			}
			if g := x[0].Accumulate(); g != nil {
				for i := range dy {
					g[i] += dy[i] * row.Value.Data[i%3]
				}
			}
		}, x[0], row)
	}, []int{4, 3}, []int{3})
	product := func(name string, cause autodiff.Cause, text string, pull func(a, b *vr, dy []F)) {
		add(name, cause, text, func(x vars[F]) *vr {
			return plant(x[0].Shape(), func(y []F) {
				for i := range y {
					y[i] = x[0].Value.Data[i] * x[1].Value.Data[i]
				}
			}, func(dy []F) { pull(x[0], x[1], dy) }, x[0], x[1])
		}, []int{3, 4}, []int{3, 4})
	}
	gradient := func(of *vr, dy, other []F) {
		g := of.Accumulate()
		for i := range g {
			g[i] += dy[i] * other[i]
		}
	}
	product("forgotten input", autodiff.NoGradient, "input 1: no gradient arrives", func(a, b *vr, dy []F) { gradient(a, dy, b.Value.Data) })
	product("exchanged inputs", autodiff.OtherInput, "gradient of input 1", func(a, b *vr, dy []F) {
		gradient(a, dy, a.Value.Data)
		gradient(b, dy, b.Value.Data)
	})
	product("stored", autodiff.Stores, "stored over", func(a, b *vr, dy []F) {
		gradient(a, dy, b.Value.Data)
		g, _ := b.Contribute()
		for i := range g {
			g[i] = dy[i] * a.Value.Data[i]
		}
	})
	product("not cleared", autodiff.Accumulates, "grows with each run", func(a, b *vr, dy []F) {
		gradient(a, dy, b.Value.Data)
		g, _ := b.Contribute()
		for i := range g {
			g[i] += dy[i] * a.Value.Data[i]
		}
	})
	product("unset memory", autodiff.ReadsUnset, "never set", func(a, b *vr, dy []F) {
		mask := a.Tape().Scratch(len(dy))
		gradient(a, dy, b.Value.Data)
		g := b.Accumulate()
		for i := range g {
			g[i] += dy[i]*a.Value.Data[i] + mask[i]
		}
	})
	norms := func(name string, cause autodiff.Cause, text string, rows, mean, project bool) {
		add(name, cause, text, func(x vars[F]) *vr { return normalised(x[0], rows, mean, project) }, []int{4, 6})
	}
	norms("norm of rows", autodiff.NoProjection, "along the input (rows)", true, false, false)
	add("norm of columns", autodiff.NoProjection, "along the input (columns)", func(x vars[F]) *vr {
		return sine(x[0], func(i int, right []F) F { return right[i] + F(1+i%5)/8*x[0].Value.Data[i] })
	}, []int{6, 5})
	add("mean and variance of examples", autodiff.NoProjectionMean, "along the input (blocks of [3 4])", func(x vars[F]) *vr {
		return sine(x[0], func(i int, right []F) F { return right[i] + F(1+i/12)/4*(x[0].Value.Data[i]-1.25) })
	}, []int{2, 3, 4})
	norms("norm of the whole", autodiff.NoProjection, "along the input (the whole)", false, false, false)
	norms("mean of rows", autodiff.NoMean, "constant (rows)", true, true, true)
	norms("mean and norm of rows", autodiff.NoProjectionMean, "and of a variance are left out", true, true, false)

	total := make([]F, 8)
	add("kept outside the tape", autodiff.Accumulates, "grows with each run", func(x vars[F]) *vr {
		return sine(x[0], func(i int, right []F) F {
			total[i] += right[i]
			return total[i]
		})
	}, []int{8})
	var mask []F
	add("first step's values", autodiff.Remembers, "something of an earlier step is kept", func(x vars[F]) *vr {
		return sine(x[0], func(i int, right []F) F {
			if mask == nil {
				mask = append(mask, right...)
			}
			return mask[i]
		})
	}, []int{8})
	return all
}

// normalised is x/‖x‖, of x less its mean if mean is set, by rows or as a
// whole. Its pullback leaves out the mean's derivative, and the norm's unless
// project is set.
func normalised[F tensor.Float](x *autodiff.Var[F], rows, mean, project bool) *autodiff.Var[F] {
	data, size := x.Value.Data, len(x.Value.Data)
	if rows {
		size = x.Shape()[1]
	}
	y := plant(x.Shape(), func([]F) {}, nil, x)
	norms := make([]float64, len(data)/size)
	for r := range norms {
		row, out := data[r*size:(r+1)*size], y.Value.Data[r*size:(r+1)*size]
		var m, s float64
		for _, v := range row {
			m += float64(v) / float64(size)
		}
		if !mean {
			m = 0
		}
		for _, v := range row {
			s = math.Hypot(s, float64(v)-m)
		}
		for i, v := range row {
			out[i] = F((float64(v) - m) / s)
		}
		norms[r] = s
	}
	return plant(x.Shape(), func(z []F) { copy(z, y.Value.Data) }, func(dy []F) {
		g := x.Accumulate()
		for r, s := range norms {
			at := r * size
			var along float64
			for i := range size {
				along += float64(dy[at+i]) * float64(y.Value.Data[at+i])
			}
			if !project {
				along = 0
			}
			for i := range size {
				g[at+i] += F((float64(dy[at+i]) - along*float64(y.Value.Data[at+i])) / s)
			}
		}
	}, x)
}

func TestPlantedFaultsWithoutForm(t *testing.T) {
	x := tensor.From([]float64{-1, 0, 2}, 3)
	type vr = autodiff.Var[float64]
	draws := rand.New(rand.NewPCG(2, 2))
	for _, fault := range []struct {
		name string
		kind autodiff.Kind
		text string
		f    func(x *vr) *vr
	}{
		{"slope 5 of |x| at 0", autodiff.WrongAtKink, "at kinks", func(x *vr) *vr {
			return autodiff.Abs(plant(x.Shape(), func(y []float64) { copy(y, x.Value.Data) }, func(dy []float64) {
				g := x.Accumulate()
				for i := range g {
					g[i] += dy[i]
				}
				g[1] += 5
			}, x))
		}},
		{"√|x| at 0", autodiff.Singular, "not differentiable", func(x *vr) *vr { return autodiff.Sqrt(autodiff.Abs(x)) }},
		{"log of a negative", autodiff.NotFinite, "output element 0 is NaN", autodiff.Log[float64]},
		{"gradient of √0", autodiff.NotFinite, "element 1: not finite: NaN", func(x *vr) *vr { return autodiff.Sqrt(autodiff.Mul(x, x)) }},
		{"random values", autodiff.NotRepeatable, "when it was computed again", func(x *vr) *vr { return autodiff.Scale(x, draws.Float64()) }},
	} {
		v := autodiff.Check(func(_ *autodiff.Tape[float64], x []*vr) *vr { return fault.f(x[0]) }, x)
		if v.OK || len(v.Findings) == 0 || v.Findings[0].Kind != fault.kind || v.Err() == nil || !strings.Contains(v.String(), fault.text) {
			t.Errorf("%s: want %v and %q: %v", fault.name, fault.kind, fault.text, v)
		}
		if !slices.Equal(x.Data, []float64{-1, 0, 2}) {
			t.Fatalf("%s: the check left its input at %v", fault.name, x.Data)
		}
	}
}

func TestPlantedFaults(t *testing.T) {
	t.Run("float64", testPlantedFaults[float64])
	t.Run("float32", testPlantedFaults[float32])
}

func testPlantedFaults[F tensor.Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for _, fault := range faults[F]() {
		inputs := opCase[F]{shapes: fault.shapes, lo: 0.5, hi: 2}.draw(rng)
		v := autodiff.Check(fault.f, inputs...)
		if v.OK || len(v.Diagnosis) != 1 && fault.cause != autodiff.OtherInput {
			t.Errorf("%s: want a fault in one input: %v", fault.name, v)
			continue
		}
		if v.Findings[0].Kind == autodiff.WrongGradient && !(v.Order < 1.3) {
			t.Errorf("%s: remainder of order %.2f, want 1", fault.name, v.Order)
		}
		if got := v.Diagnosis[0]; got.Cause != fault.cause || !strings.Contains(v.String(), fault.text) {
			t.Errorf("%s: got cause %d, want %d and %q in: %v", fault.name, got.Cause, fault.cause, fault.text, v)
		}
	}
}
