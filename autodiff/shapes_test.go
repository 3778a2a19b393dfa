package autodiff_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

type (
	variable = autodiff.Var[float64]
	shape    = []int
)

// shapes draws a shape; dimensions may be 0.
func shapes(least, most int) *rapid.Generator[shape] {
	return rapid.SliceOfN(rapid.IntRange(0, 4), least, most)
}

// played runs f on inputs of the given shapes, forwards and backwards, and
// returns the shape of its result; every input has a gradient of its own shape
// afterwards.
func played(t *rapid.T, f func(x []*variable) *variable, inputs ...shape) shape {
	tape := autodiff.NewTape[float64]()
	var x []*variable
	for _, s := range inputs {
		x = append(x, tape.Variable(tensor.New[float64](s...)))
	}
	y := f(x)
	got := slices.Clone(y.Shape())
	tape.BackwardFrom(y, make([]float64, len(y.Value.Data)))
	for i, v := range x {
		if v.Grad == nil || !slices.Equal(v.Grad.Shape, inputs[i]) || len(v.Grad.Data) != tensor.Size(inputs[i]) {
			t.Fatalf("input %v has gradient %v", inputs[i], v.Grad)
		}
	}
	return got
}

// refused demands that f panics with a ShapeError of the operation.
func refused(t *rapid.T, op string, f func()) {
	defer func() {
		err, _ := recover().(error)
		var wrong *tensor.ShapeError
		if !errors.As(err, &wrong) || wrong.Op != op {
			t.Fatalf("%s: got %v, want a ShapeError of it", op, err)
		}
	}()
	f()
}

func TestShapes(t *testing.T) {
	same := map[string]func(x *variable) *variable{
		"Square": autodiff.Square[float64], "Exp": autodiff.Exp[float64], "ReLU": autodiff.ReLU[float64],
		"Tanh": autodiff.Tanh[float64], "GELU": autodiff.GELU[float64], "Abs": autodiff.Abs[float64],
	}
	pairs := map[string]func(a, b *variable) *variable{
		"Add": autodiff.Add[float64], "Sub": autodiff.Sub[float64], "Mul": autodiff.Mul[float64],
		"Div": autodiff.Div[float64], "Max": autodiff.Max[float64], "Min": autodiff.Min[float64],
	}
	rapid.Check(t, func(t *rapid.T) {
		want := func(op string, got, want shape) {
			if !slices.Equal(got, want) {
				t.Fatalf("%s: got %v, want %v", op, got, want)
			}
		}
		s, other := shapes(0, 4).Draw(t, "shape"), shapes(0, 4).Draw(t, "other")
		for op, f := range same {
			want(op, played(t, func(x []*variable) *variable { return f(x[0]) }, s), s)
		}
		for op, f := range pairs {
			want(op, played(t, func(x []*variable) *variable { return f(x[0], x[1]) }, s, s), s)
			if !slices.Equal(s, other) {
				refused(t, "autodiff."+op, func() {
					played(t, func(x []*variable) *variable { return f(x[0], x[1]) }, s, other)
				})
			}
		}
		want("Sum", played(t, func(x []*variable) *variable { return autodiff.Sum(x[0]) }, s), shape{})

		ranked := shapes(1, 4).Draw(t, "ranked")
		first, last := ranked[0], ranked[len(ranked)-1]
		outer := ranked[:len(ranked)-1]
		want("SumRows", played(t, func(x []*variable) *variable { return autodiff.SumRows(x[0]) }, ranked), ranked[1:])
		want("SumColumns", played(t, func(x []*variable) *variable { return autodiff.SumColumns(x[0]) }, ranked), outer)
		want("LogSumExp", played(t, func(x []*variable) *variable { return autodiff.LogSumExp(x[0]) }, ranked), outer)
		want("LogSoftmax", played(t, func(x []*variable) *variable { return autodiff.LogSoftmax(x[0]) }, ranked), ranked)
		want("Flatten", played(t, func(x []*variable) *variable { return autodiff.Flatten(x[0]) }, ranked), shape{first, tensor.Size(ranked[1:])})
		want("AddRow", played(t, func(x []*variable) *variable { return autodiff.AddRow(x[0], x[1]) }, ranked, shape{last}), ranked)
		want("MulRow", played(t, func(x []*variable) *variable { return autodiff.MulRow(x[0], x[1]) }, ranked, shape{last}), ranked)
		refused(t, "autodiff.AddRow", func() {
			played(t, func(x []*variable) *variable { return autodiff.AddRow(x[0], x[1]) }, ranked, shape{last + 1})
		})
		lo := rapid.IntRange(0, first).Draw(t, "lo")
		hi := rapid.IntRange(lo, first).Draw(t, "hi")
		want("Rows", played(t, func(x []*variable) *variable { return autodiff.Rows(x[0], lo, hi) }, ranked), append(shape{hi - lo}, ranked[1:]...))
		refused(t, "autodiff.Rows", func() {
			played(t, func(x []*variable) *variable { return autodiff.Rows(x[0], lo, first+1) }, ranked)
		})
		n := rapid.IntRange(0, 4).Draw(t, "n")
		want("Concat", played(t, func(x []*variable) *variable { return autodiff.Concat(x...) }, ranked, append(slices.Clone(outer), n)), append(slices.Clone(outer), last+n))
		refused(t, "autodiff.Concat", func() {
			played(t, func(x []*variable) *variable { return autodiff.Concat(x...) }, ranked, append(shape{7}, ranked...))
		})
		if size := tensor.Size(s); !slices.Contains(s, 0) {
			want("Reshape", played(t, func(x []*variable) *variable { return autodiff.Reshape(x[0], 1, size) }, s), shape{1, size})
			refused(t, "autodiff.Reshape", func() {
				played(t, func(x []*variable) *variable { return autodiff.Reshape(x[0], size+1) }, s)
			})
		}
		for op, f := range map[string]func(x *variable) *variable{
			"SumRows": autodiff.SumRows[float64], "SumColumns": autodiff.SumColumns[float64], "Flatten": autodiff.Flatten[float64],
			"LogSoftmax": autodiff.LogSoftmax[float64], "LogSumExp": autodiff.LogSumExp[float64],
		} {
			refused(t, "autodiff."+op, func() { played(t, func(x []*variable) *variable { return f(x[0]) }, shape{}) })
		}
	})
}

func TestProductShapes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dimension := rapid.IntRange(0, 5)
		m, k, n := dimension.Draw(t, "m"), dimension.Draw(t, "k"), dimension.Draw(t, "n")
		how := tensor.Product[float64]{TransA: rapid.Bool().Draw(t, "transA"), TransB: rapid.Bool().Draw(t, "transB")}
		a, b := shape{m, k}, shape{k, n}
		if how.TransA {
			slices.Reverse(a)
		}
		if how.TransB {
			slices.Reverse(b)
		}
		product := func(x []*variable) *variable { return autodiff.MatMul(x[0], x[1], how) }
		if got := played(t, product, a, b); !slices.Equal(got, shape{m, n}) {
			t.Fatalf("MatMul: got %v, want [%d %d]", got, m, n)
		}
		refused(t, "autodiff.MatMul", func() { played(t, product, a, shape{k}) })
	})
}

func TestIndicesOutOfRangeAreRefused(t *testing.T) {
	x := autodiff.NewTape[float64]().Variable(tensor.New[float64](3, 2))
	for name, f := range map[string]func(){
		"autodiff.Gather: got [3]: want indices below the dimension, not 3":       func() { autodiff.Gather(x, []int{0, 3}) },
		"autodiff.Gather: got [3]: want indices below the dimension, not -1":      func() { autodiff.Gather(x, []int{-1}) },
		"autodiff.Pick: got [2]: want indices below the dimension, not 2":         func() { autodiff.Pick(x, []int{0, 1, 2}) },
		"autodiff.Pick: got [3 2], [1]: want":                                     func() { autodiff.Pick(x, []int{0}) },
		"autodiff.MatMul: a field of Product other than TransA and TransB is set": func() { autodiff.MatMul(x, x, tensor.Product[float64]{Add: true}) },
		"autodiff.Clamp: bounds 1 and 0: want lo ≤ hi":                            func() { autodiff.Clamp(x, 1, 0) },
		"autodiff.Concat: got : want at least one tensor":                         func() { autodiff.Concat[float64]() },
	} {
		func() {
			defer func() {
				text := ""
				switch r := recover().(type) {
				case error:
					text = r.Error()
				case string:
					text = r
				}
				if !strings.HasPrefix(text, name) {
					t.Errorf("got panic %q, want %q", text, name)
				}
			}()
			f()
		}()
	}
}
