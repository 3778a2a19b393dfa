package autodiff

import (
	"fmt"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Reshape returns x's elements under another shape of the same size, sharing
// x's values. Panics with a [*tensor.ShapeError] if the sizes differ.
func Reshape[F tensor.Float](x *Var[F], shape ...int) *Var[F] {
	if tensor.Size(shape) != len(x.Value.Data) {
		panic(tensor.Mismatch("autodiff.Reshape", "a shape of as many elements", x.Shape(), shape))
	}
	return view(x, shape, 0)
}

// Flatten returns x [batch, …] as [batch, n]. Panics with a
// [*tensor.ShapeError] if x has rank 0.
func Flatten[F tensor.Float](x *Var[F]) *Var[F] {
	xs := x.Shape()
	if len(xs) == 0 {
		panic(tensor.Mismatch("autodiff.Flatten", "[batch …]", xs))
	}
	shape := [2]int{xs[0], tensor.Size(xs[1:])}
	return view(x, shape[:], 0)
}

// Rows returns x[lo:hi] along the leading index of x [rows, …], sharing x's
// values: shape [hi−lo, …]. Panics with a [*tensor.ShapeError] if x has rank 0
// or the range does not fit.
func Rows[F tensor.Float](x *Var[F], lo, hi int) *Var[F] {
	xs := x.Shape()
	if len(xs) == 0 || lo < 0 || hi < lo || hi > xs[0] {
		panic(tensor.Mismatch("autodiff.Rows", fmt.Sprintf("a first dimension that holds rows %d to %d", lo, hi), xs))
	}
	var room [8]int // on the stack for any usual rank
	shape := append(room[:0], xs...)
	shape[0] = hi - lo
	return view(x, shape, lo*tensor.Size(xs[1:]))
}

// view returns x's elements from an offset on under another shape.
func view[F tensor.Float](x *Var[F], shape []int, from int) *Var[F] {
	y := x.tape.next(shape)
	y.wanted = x.wanted
	to := from + tensor.Size(shape)
	y.value.Data = x.Value.Data[from:to:to]
	return Record(y, window[F]{x, y, from})
}

type window[F tensor.Float] struct {
	x, y *Var[F]
	from int
}

// Pull: dx += dy from the offset on.
func (op *window[F]) Pull() {
	dy := op.y.Grad.Data
	if len(dy) == len(op.x.Value.Data) {
		op.x.contribute(dy, 1)
		return
	}
	g := op.x.Accumulate()[op.from:][:len(dy)]
	simd.Add(g, g, dy)
}
