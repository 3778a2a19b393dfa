package autodiff_test

import (
	"fmt"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

func Example() {
	tape := autodiff.NewTape[float64]()
	x := tape.Variable(tensor.From([]float64{1, 2, 3}, 3))
	y := autodiff.Sum(autodiff.Mul(x, x))
	tape.Backward(y)
	fmt.Println(y.Value.Data[0], x.Grad.Data)
	// Output: 14 [2 4 6]
}

// Cube returns x³, element by element.
func Cube[F tensor.Float](x *autodiff.Var[F]) *autodiff.Var[F] {
	y := x.Tape().Output(x.Shape(), x)
	for i, v := range x.Value.Data {
		y.Value.Data[i] = v * v * v
	}
	return autodiff.Record(y, cube[F]{x, y})
}

type cube[F tensor.Float] struct{ x, y *autodiff.Var[F] }

// Pull: dx += dy·3·x², or would if the 3 were not forgotten.
func (op *cube[F]) Pull() {
	g := op.x.Accumulate()
	for i, dy := range op.y.Grad.Data {
		x := op.x.Value.Data[i]
		g[i] += dy * x * x
	}
}

func ExampleCheck() {
	x := tensor.From([]float64{0.5, -1, 2, 4}, 4)
	verdict := autodiff.Check(func(_ *autodiff.Tape[float64], x []*autodiff.Var[float64]) *autodiff.Var[float64] {
		return Cube(x[0])
	}, x)
	fmt.Println(verdict.OK, verdict.Diagnosis)
	// Output: false [input 0: it is the right gradient times 0.333]
}

// A kink is no fault as long as the gradient lies between the slopes on its
// two sides.
func ExampleCheck_kink() {
	x := tensor.From([]float64{-1, 0, 2}, 3)
	verdict := autodiff.Check(func(_ *autodiff.Tape[float64], x []*autodiff.Var[float64]) *autodiff.Var[float64] {
		return autodiff.Abs(x[0])
	}, x)
	fmt.Println(verdict.OK, verdict.KinkCount, verdict.Kinks[0].Index)
	// Output: true 1 1
}

func ExampleTape_Ops() {
	tape := autodiff.NewTape[float32]()
	x := tape.Variable(tensor.New[float32](2, 3))
	autodiff.Sum(autodiff.Tanh(autodiff.AddScalar(x, 1)))
	for op := range tape.Ops() {
		fmt.Println(op)
	}
	// Output:
	// autodiff.addScalar
	// autodiff.tanh
	// autodiff.sum
}
