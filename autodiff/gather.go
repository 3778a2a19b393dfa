package autodiff

import (
	"fmt"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Gather returns the rows of x [rows, …] at the given indices, which may
// repeat: [len(indices), …]. The indices must not change until Backward has
// run. Panics with a [*tensor.ShapeError] if x has rank 0 or an index does not
// fit.
func Gather[F tensor.Float](x *Var[F], indices []int) *Var[F] {
	xs := x.Shape()
	if len(xs) == 0 {
		panic(tensor.Mismatch("autodiff.Gather", "[rows …]", xs))
	}
	mustIndex("autodiff.Gather", xs[0], indices)
	var room [8]int // on the stack for any usual rank
	shape := append(room[:0], xs...)
	shape[0] = len(indices)
	y := x.tape.Output(shape, x)
	n := tensor.Size(xs[1:])
	for r, from := range indices {
		copy(y.Value.Data[r*n:(r+1)*n], x.Value.Data[from*n:])
	}
	return Record(y, gather[F]{x, y, indices})
}

type gather[F tensor.Float] struct {
	x, y    *Var[F]
	indices []int
}

// Pull: row indices[r] of dx += row r of dy.
func (op *gather[F]) Pull() {
	g, n := op.x.Accumulate(), tensor.Size(op.x.Shape()[1:])
	for r, to := range op.indices {
		row := g[to*n : (to+1)*n]
		simd.Add(row, row, op.y.Grad.Data[r*n:(r+1)*n])
	}
}

// mustIndex panics with the operation's name unless every index is in [0, n).
func mustIndex(op string, n int, indices []int) {
	for _, i := range indices {
		if i < 0 || i >= n {
			panic(tensor.Mismatch(op, fmt.Sprintf("indices below the dimension, not %d", i), []int{n}))
		}
	}
}
