package tensor

import (
	"unsafe"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// How a product is cut into blocks. Results depend on gemmStepBytes alone: it
// says where the sum over k is broken off, stored in c, and continued.
const (
	gemmStepBytes = 2048    // of one lane in a block, so that a panel of b stays in the nearest caches
	gemmRows      = 1 << 11 // of a in a block
	gemmCols      = 1 << 12 // of b in a block
	gemmTaskRows  = 144     // whose part of a stays in the second cache
	gemmTaskCols  = 512
	gemmTaskWork  = 1 << 18 // multiply-adds of the smallest task
	gemmTasks     = 16      // of a block, if there is work for as many
	gemmPackWork  = 1 << 14 // elements of the smallest task of packing
	gemmPackSteps = 8       // of which its steps are a multiple
)

// gemm is a matrix product under way: c (+)= a·b (+ bias), block by block. A
// block is packed in parallel, then multiplied in parallel.
type gemm[F Float] struct {
	c         []F
	ldc       int
	a, b      operand[F]
	bias      []F
	add       bool
	multiply  bool // the phase: packing the block or multiplying it
	packsOfA  int  // tasks of packing that are a's
	rows      int  // of c in one task
	cols      int
	from, to  int // steps of the block
	tasksDown int // tasks in a column of tasks
}

// operand is a matrix read in lanes (rows of a, columns of b) and steps (the
// index summed over), and its packed block.
type operand[F Float] struct {
	data              []F
	lanes, lane, step int // their number; strides, of which one is 1
	width             int // lanes in a panel
	first, last       int // lanes of the block
	panels, steps     int // in one task of packing
	packed            []F
}

// run computes the product of [m, k] and [k, n].
func (g *gemm[F]) run(k int) {
	g.a.width, g.b.width = simd.Tile[F]()
	steps := cut(k, gemmStepBytes/int(unsafe.Sizeof(F(0))), 1)
	for i := range max(1, parallel.Blocks(k, steps)) {
		g.from, g.to = parallel.Span(i, steps, k)
		for j := 0; j < g.b.lanes; j += gemmCols {
			g.b.take(j, gemmCols, g.to-g.from)
			for i := 0; i < g.a.lanes; i += gemmRows {
				g.a.take(i, gemmRows, g.to-g.from)
				g.pack(i == 0)
				g.mul()
			}
		}
	}
}

// take sets the block to count lanes from first on.
func (o *operand[F]) take(first, count, steps int) {
	o.first, o.last = first, min(first+count, o.lanes)
	count = o.last - first
	if o.lane == 1 { // all panels: rows of steps are read in order
		o.panels = parallel.Blocks(count, o.width)
		o.steps = roundUp(max(1, gemmPackWork/count), gemmPackSteps)
	} else {
		o.panels = max(1, gemmPackWork/(o.width*max(1, steps)))
		o.steps = max(1, steps)
	}
	o.packed = resized(o.packed, roundUp(count, o.width)*steps)
}

// packTasks is in how many tasks so many steps of the block are packed.
func (o *operand[F]) packTasks(steps int) int {
	return parallel.Blocks(steps, o.steps) * parallel.Blocks(o.last-o.first, o.width*o.panels)
}

// pack does task i of packing steps [from, to) of the block.
func (o *operand[F]) pack(i, from, to int) {
	cuts := parallel.Blocks(to-from, o.steps)
	lo, hi := parallel.Span(i/cuts, o.width*o.panels, o.last-o.first)
	first, last := parallel.Span(i%cuts, o.steps, to-from)
	src := o.data[(o.first+lo)*o.lane+(from+first)*o.step:]
	simd.Pack(o.packed[lo*(to-from)+first*o.width:], o.width, to-from, src, o.lane, o.step, hi-lo, last-first)
}

func (g *gemm[F]) pack(both bool) {
	if g.from == g.to {
		return
	}
	g.multiply, g.packsOfA = false, g.a.packTasks(g.to-g.from)
	tasks := g.packsOfA
	if both {
		tasks += g.b.packTasks(g.to - g.from)
	}
	parallel.Run(tasks, g)
}

// mul multiplies the block. Rows of tasks are taken one after the other, so
// that processors share what they read of b.
func (g *gemm[F]) mul() {
	m, n, k := g.a.last-g.a.first, g.b.last-g.b.first, g.to-g.from
	g.rows, g.cols = cut(m, gemmTaskRows, g.a.width), cut(n, gemmTaskCols, g.b.width)
	for parallel.Blocks(m, g.rows)*parallel.Blocks(n, g.cols) < gemmTasks && g.rows*g.cols*k >= 2*gemmTaskWork {
		if g.cols > g.b.width {
			g.cols = roundUp(g.cols/2, g.b.width)
		} else if g.rows > g.a.width {
			g.rows = roundUp(g.rows/2, g.a.width)
		} else {
			break
		}
	}
	g.multiply, g.tasksDown = true, parallel.Blocks(m, g.rows)
	parallel.Run(g.tasksDown*parallel.Blocks(n, g.cols), g)
}

// Block does task i of the phase.
func (g *gemm[F]) Block(i int) {
	if !g.multiply {
		if i < g.packsOfA {
			g.a.pack(i, g.from, g.to)
		} else {
			g.b.pack(i-g.packsOfA, g.from, g.to)
		}
		return
	}
	k := g.to - g.from
	lo, hi := parallel.Span(i%g.tasksDown, g.rows, g.a.last-g.a.first)
	left, right := parallel.Span(i/g.tasksDown, g.cols, g.b.last-g.b.first)
	var bias []F
	if g.bias != nil && g.from == 0 {
		bias = g.bias[g.b.first+left : g.b.first+right]
	}
	simd.MulPacked(g.c[(g.a.first+lo)*g.ldc+g.b.first+left:], g.ldc, hi-lo, right-left, k,
		g.a.packed[lo*k:], g.b.packed[left*k:], simd.Ends[F]{Columns: bias, Add: g.add || g.from > 0})
}

// cut returns the size of the equal parts, each a multiple of unit, that n is
// cut into so that none is larger than most rounded up to a unit.
func cut(n, most, unit int) int {
	parts := max(1, parallel.Blocks(n, most))
	return roundUp(max(1, parallel.Blocks(n, parts)), unit)
}

func roundUp(n, unit int) int { return parallel.Blocks(n, unit) * unit }

// Spare products keep their buffers, so that a product allocates nothing once
// one as large has been computed.
var (
	gemms32 parallel.Spares[gemm[float32]]
	gemms64 parallel.Spares[gemm[float64]]
)

func spareGemms[F Float]() *parallel.Spares[gemm[F]] {
	return pick[parallel.Spares[gemm[F]]](&gemms32, &gemms64)
}

// release lets go of the operands, not of the buffers.
func (g *gemm[F]) release() {
	*g = gemm[F]{a: operand[F]{packed: g.a.packed}, b: operand[F]{packed: g.b.packed}}
	spareGemms[F]().Give(g)
}

// pick returns the one of two values for the two element types that is a *T.
func pick[T any](for32, for64 any) *T {
	if x, ok := for32.(*T); ok {
		return x
	}
	return for64.(*T)
}

// resized returns x, or a longer buffer, with n elements of any value.
func resized[F Float](x []F, n int) []F {
	if cap(x) < n {
		return simd.Aligned[F](n)
	}
	return x[:n]
}
