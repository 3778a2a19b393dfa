package tensor

import (
	"unsafe"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// How a product with a vector is cut: elements of the matrix in one task, and
// of the result that are computed before they are added. Bits do not depend on
// either.
const (
	gemvWork  = 1 << 16
	gemvChunk = 512
)

// gemvColumns is from how many elements of a result on a matrix by columns is
// better combined than packed.
const gemvColumns = 64

// gemv is the product of a matrix and a vector under way: y (+)= m·x (+ bias),
// m [len(y), len(x)]. To pack m would cost more than the product.
type gemv[F Float] struct {
	y, x, m []F
	bias    []F  // nil, [len(y)], or one number for all
	columns bool // m is stored by columns, not by rows
	add     bool
	relu    bool
	rows    int // of m in one task
	turns   turns
}

// turns says from which end matrices are read. Predictions of one example at a
// time read the same matrices over and over; if they are together a little
// larger than a cache, what is read first is just what was thrown out. So each
// pass begins where the one before ended. Bits do not depend on it.
type turns struct {
	up    bool
	first uintptr // the matrix that a pass begins with
	since int     // products since it came
}

// turnedAfter is after how many other products a matrix is not waited for.
const turnedAfter = 64

// next takes note of a product with the matrix at an address.
func (t *turns) next(matrix uintptr) {
	t.since++
	if matrix == t.first || t.since > turnedAfter {
		*t = turns{up: !t.up, first: matrix}
	}
}

var (
	gemvs32 parallel.Spares[gemv[float32]]
	gemvs64 parallel.Spares[gemv[float64]]
)

// mulVector computes c [m, n] = a·b where m or n is 1.
func mulVector[F Float](c, a, b []F, k int, how Product[F]) {
	spare := pick[parallel.Spares[gemv[F]]](&gemvs32, &gemvs64)
	g := spare.Take()
	*g = gemv[F]{turns: g.turns, y: c, x: a, m: b, columns: !how.TransB, add: how.Add, relu: how.ReLU, bias: how.Bias}
	if len(a) != k {
		g.x, g.m, g.columns = b, a, how.TransA
	}
	g.turns.next(uintptr(unsafe.Pointer(unsafe.SliceData(g.m))))
	g.rows = max(64, gemvWork/max(1, k)) &^ 63
	parallel.Run(parallel.Blocks(len(c), g.rows), g)
	*g = gemv[F]{turns: g.turns}
	spare.Give(g)
}

// Block computes one run of elements of y.
func (g *gemv[F]) Block(i int) {
	if g.turns.up {
		i = parallel.Blocks(len(g.y), g.rows) - 1 - i
	}
	lo, hi := parallel.Span(i, g.rows, len(g.y))
	var before [gemvChunk]F
	for ; lo < hi; lo += gemvChunk {
		y := g.y[lo:min(lo+gemvChunk, hi)]
		if g.add {
			copy(before[:], y)
		}
		if g.columns {
			simd.Combine(y, g.x, g.m[min(lo, len(g.m)):], len(g.y))
		} else {
			simd.Dots(y, g.x, g.m[lo*len(g.x):], len(g.x))
		}
		if g.add {
			for j := range y {
				y[j] += before[j]
			}
		}
		switch {
		case len(g.bias) == len(g.y):
			for j, v := range g.bias[lo : lo+len(y)] {
				y[j] += v
			}
		case g.bias != nil:
			for j := range y {
				y[j] += g.bias[0]
			}
		}
		if g.relu {
			simd.ReLU(y, y)
		}
	}
}
