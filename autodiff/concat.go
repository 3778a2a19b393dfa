package autodiff

import (
	"slices"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Concat joins tensors [rows …, nᵢ] along the last index: [rows …, Σ nᵢ].
// Panics with a [*tensor.ShapeError] unless they agree in all other
// dimensions, or if there are none.
func Concat[F tensor.Float](parts ...*Var[F]) *Var[F] {
	if len(parts) == 0 {
		panic(tensor.Mismatch("autodiff.Concat", "at least one tensor"))
	}
	first, _ := splitLast("autodiff.Concat", parts[0])
	width := 0
	for _, x := range parts {
		outer, n := splitLast("autodiff.Concat", x)
		if !slices.Equal(outer, first) {
			panic(tensor.Mismatch("autodiff.Concat", "equal shapes but for the last dimension", parts[0].Shape(), x.Shape()))
		}
		width += n
	}
	var room [8]int // on the stack for any usual rank
	tape := parts[0].tape
	y := tape.Output(append(append(room[:0], first...), width), parts...)
	at := 0
	for _, x := range parts {
		n := lastOf(x.Shape())
		for r := range tensor.Size(first) {
			copy(y.Value.Data[r*width+at:][:n], x.Value.Data[r*n:])
		}
		at += n
	}
	return Record(y, concat[F]{tape.hold(parts), y})
}

type concat[F tensor.Float] struct {
	parts []*Var[F]
	y     *Var[F]
}

// Pull: each part's gradient += its columns of dy.
func (op *concat[F]) Pull() {
	at, width := 0, lastOf(op.y.Shape())
	for _, x := range op.parts {
		n := lastOf(x.Shape())
		g := x.Accumulate()
		for r := 0; r*n < len(g); r++ {
			row := g[r*n : (r+1)*n]
			simd.Add(row, row, op.y.Grad.Data[r*width+at:][:n])
		}
		at += n
	}
}
