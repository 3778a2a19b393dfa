package autodiff_test

import (
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/opscan"
	"github.com/gradus-ml/gradus/tensor"
)

// opCase is one line of the table of gradient checks. The inputs are drawn
// from the uniform distribution on [lo, hi), or [−1, 1) if both are 0.
type opCase[F tensor.Float] struct {
	name   string
	f      func(t *autodiff.Tape[F], x []*autodiff.Var[F]) *autodiff.Var[F]
	shapes [][]int
	lo, hi float64
}

type vars[F tensor.Float] = []*autodiff.Var[F]

// opCases is the table of gradient checks: every operation of the package, and
// each with several inputs once more with one input in all places.
func opCases[F tensor.Float]() []opCase[F] {
	type tape = autodiff.Tape[F]
	type vr = autodiff.Var[F]
	elementwise := [][]int{{}, {7}, {3, 5}, {2, 3, 4}}
	var cases []opCase[F]
	one := func(name string, f func(x *vr) *vr, lo, hi float64, shapes ...[]int) {
		if shapes == nil {
			shapes = elementwise
		}
		for _, shape := range shapes {
			cases = append(cases, opCase[F]{name, func(_ *tape, x vars[F]) *vr { return f(x[0]) }, [][]int{shape}, lo, hi})
		}
	}
	two := func(name string, f func(a, b *vr) *vr, lo, hi float64, shapes ...[2][]int) {
		if shapes == nil {
			for _, shape := range elementwise {
				shapes = append(shapes, [2][]int{shape, shape})
			}
			one(name+" of one", func(x *vr) *vr { return f(x, x) }, lo, hi)
		}
		for _, shape := range shapes {
			cases = append(cases, opCase[F]{name, func(_ *tape, x vars[F]) *vr { return f(x[0], x[1]) }, shape[:], lo, hi})
		}
	}

	two("Add", autodiff.Add[F], 0, 0)
	two("Sub", autodiff.Sub[F], 0, 0)
	two("Mul", autodiff.Mul[F], 0, 0)
	two("Div", autodiff.Div[F], 0.5, 2)
	two("Max", autodiff.Max[F], 0, 0)
	two("Min", autodiff.Min[F], 0, 0)
	one("Neg", autodiff.Neg[F], 0, 0)
	one("Scale", func(x *vr) *vr { return autodiff.Scale(x, -2.5) }, 0, 0)
	one("AddScalar", func(x *vr) *vr { return autodiff.AddScalar(x, 3) }, 0, 0)
	one("Square", autodiff.Square[F], 0, 0)
	one("Sqrt", autodiff.Sqrt[F], 0.1, 3)
	one("Abs", autodiff.Abs[F], 0, 0)
	one("Exp", autodiff.Exp[F], -3, 3)
	one("Log", autodiff.Log[F], 0.1, 3)
	one("Pow 2.5", func(x *vr) *vr { return autodiff.Pow(x, 2.5) }, 0.1, 3)
	one("Pow −1", func(x *vr) *vr { return autodiff.Pow(x, -1) }, 0.5, 3)
	one("Pow 3", func(x *vr) *vr { return autodiff.Pow(x, 3) }, -2, 2)
	one("Pow 0", func(x *vr) *vr { return autodiff.Pow(x, 0) }, -2, 2)
	one("ReLU", autodiff.ReLU[F], 0, 0)
	one("LeakyReLU", func(x *vr) *vr { return autodiff.LeakyReLU(x, 0.1) }, 0, 0)
	one("Tanh", autodiff.Tanh[F], -3, 3)
	one("Sigmoid", autodiff.Sigmoid[F], -6, 6)
	one("Softplus", autodiff.Softplus[F], -6, 6)
	one("SiLU", autodiff.SiLU[F], -6, 6)
	one("GELU", autodiff.GELU[F], -4, 4)
	one("GELUTanh", autodiff.GELUTanh[F], -4, 4)
	one("Clamp", func(x *vr) *vr { return autodiff.Clamp(x, -0.5, 0.25) }, 0, 0)
	one("Sum", autodiff.Sum[F], 0, 0)
	one("Mean", autodiff.Mean[F], 0, 0)
	indices := []int{2, 0, 2}
	ranked := [][]int{{7}, {3, 5}, {2, 3, 4}, {1, 1}}
	one("SumRows", autodiff.SumRows[F], 0, 0, ranked...)
	one("SumColumns", autodiff.SumColumns[F], 0, 0, ranked...)
	one("LogSoftmax", autodiff.LogSoftmax[F], -4, 4, ranked...)
	one("LogSumExp", autodiff.LogSumExp[F], -4, 4, ranked...)
	one("Flatten", autodiff.Flatten[F], 0, 0, ranked...)
	one("Reshape", func(x *vr) *vr { return autodiff.Reshape(x, 3, 4) }, 0, 0, []int{12}, []int{2, 6})
	one("Rows", func(x *vr) *vr { return autodiff.Rows(x, 1, 3) }, 0, 0, []int{4}, []int{3, 2}, []int{5, 2, 3})
	one("Gather", func(x *vr) *vr { return autodiff.Gather(x, indices) }, 0, 0, []int{4}, []int{3, 2}, []int{3, 2, 2})
	one("Pick", func(x *vr) *vr { return autodiff.Pick(x, indices) }, 0, 0, []int{3, 4})
	two("AddRow", autodiff.AddRow[F], 0, 0, [2][]int{{4, 3}, {3}}, [2][]int{{2, 2, 5}, {5}}, [2][]int{{3}, {3}})
	two("MulRow", autodiff.MulRow[F], 0, 0, [2][]int{{4, 3}, {3}}, [2][]int{{2, 2, 5}, {5}}, [2][]int{{3}, {3}})
	one("AddRow of one", func(x *vr) *vr { return autodiff.AddRow(x, x) }, 0, 0, []int{4})
	one("MulRow of one", func(x *vr) *vr { return autodiff.MulRow(x, x) }, 0, 0, []int{4})
	two("Concat", func(a, b *vr) *vr { return autodiff.Concat(a, b, a) }, 0, 0, [2][]int{{3}, {2}}, [2][]int{{2, 3}, {2, 1}}, [2][]int{{2, 2, 1}, {2, 2, 2}})
	for _, how := range []tensor.Product[F]{{}, {TransA: true}, {TransB: true}, {TransA: true, TransB: true}} {
		product := func(a, b *vr) *vr { return autodiff.MatMul(a, b, how) }
		a, b := []int{3, 4}, []int{4, 2}
		if how.TransA {
			a = []int{4, 3}
		}
		if how.TransB {
			b = []int{2, 4}
		}
		two("MatMul", product, 0, 0, [2][]int{a, b})
		one("MatMul of one", func(x *vr) *vr { return product(x, x) }, 0, 0, []int{3, 3})
	}
	// An intermediate result that is used three times, once by a view.
	one("shared", func(x *vr) *vr {
		h := autodiff.Tanh(x)
		return autodiff.Add(autodiff.Mul(h, autodiff.Reshape(h, 2, 3)), autodiff.Exp(h))
	}, 0, 0, []int{2, 3})
	return cases
}

// draw returns inputs for the case.
func (c opCase[F]) draw(rng *rand.Rand) []*tensor.Tensor[F] {
	lo, hi := c.lo, c.hi
	if lo == hi {
		lo, hi = -1, 1
	}
	var inputs []*tensor.Tensor[F]
	for _, shape := range c.shapes {
		x := tensor.New[F](shape...)
		tensor.Uniform(x, rng, lo, hi)
		inputs = append(inputs, x)
	}
	return inputs
}

func TestGradients(t *testing.T) {
	t.Run("float64", testGradients[float64])
	t.Run("float32", testGradients[float32])
}

func testGradients[F tensor.Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var worst autodiff.Verdict
	worstOf, evaluations, derivatives := "", 0, 0
	for _, c := range opCases[F]() {
		for range 3 {
			v := autodiff.Check(c.f, c.draw(rng)...)
			if err := v.Err(); err != nil || v.Order < 1.7 || v.Unresolved > 0 {
				t.Errorf("%s %v: %v", c.name, c.shapes, v)
			}
			evaluations += v.Evaluations
			derivatives += v.Resolved
			if v.Worst > worst.Worst {
				worst, worstOf = *v, c.name
			}
		}
	}
	t.Logf("%d derivatives, %d evaluations, worst relative error %.2e, of %s: %v",
		derivatives, evaluations, worst.Worst, worstOf, worst.WorstAt)
}

func TestEveryOpIsChecked(t *testing.T) {
	declared, err := opscan.Ops(".")
	if err != nil {
		t.Fatal(err)
	}
	var checked []string
	rng := rand.New(rand.NewPCG(1, 3))
	for _, c := range opCases[float64]() {
		checked = append(checked, autodiff.Check(c.f, c.draw(rng)...).Ops...)
	}
	for _, op := range opscan.Missing(declared, checked) {
		t.Errorf("%s: the table of gradient checks has no line for it", op)
	}
}
