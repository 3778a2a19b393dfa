package tensor

import (
	"runtime"
	"unsafe"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// How a product is cut into blocks. Results depend on gemmStepBytes alone: it
// says where the sum over k is broken off, stored in c, and continued.
const (
	gemmStepBytes = 2048    // of one lane in a block, so that a panel of b stays in the nearest caches
	gemmRows      = 1 << 11 // of a in a block, if it is packed
	gemmTaskRows  = 1 << 11 // that share what a task packs of b
	gemmTaskWork  = 1 << 18 // multiply-adds of the smallest task
	gemmTasks     = 8       // of a block for each processor, if there are several and work for as many
	gemmPackWork  = 1 << 14 // elements of the smallest task of packing
	gemmPackSteps = 8       // of which its steps are a multiple
)

// gemm is a matrix product under way: c (+)= a·b (+ bias), block by block of
// the index summed over. Each task packs its columns of b and multiplies its
// rows of a with them while they are in the caches; a is packed before, in
// parallel, unless it is read where it lies.
type gemm[F Float] struct {
	c         []F
	ldc       int
	a, b      operand[F]
	k         int // steps of the sum
	bias      []F
	add, relu bool
	addend    []F  // added last, or nil
	scales    []F  // of its rows
	direct    bool // a is read where it lies
	first     int  // row of the block
	last      int  // and the one after its last
	steps     int  // of a block of the sum
	from, to  int  // blocks of the sum under way
	rows      int  // of c in one task
	cols      int
	tasksDown int // tasks in a column of tasks
	packed    []F // the block of a
	parts     simd.Blocking
	panels    int // of a in one task of packing
	depth     int // the steps there

	left, right []uint16 // a and b by parts
}

// operand is a matrix read in lanes (rows of a, columns of b) and steps (the
// index summed over).
type operand[F Float] struct {
	data              []F
	lanes, lane, step int // their number; strides, of which one is 1
	width             int // lanes in a panel
}

// from returns the elements from a lane and a step on.
func (o *operand[F]) from(lane, step int) []F {
	return o.data[min(lane*o.lane+step*o.step, len(o.data)):]
}

// run computes the product.
func (g *gemm[F]) run() {
	g.a.width, g.b.width = simd.Tile[F]()
	g.parts = simd.Blocks[F]()
	if p, ok := any(g).(*gemm[float32]); ok && (partProduct{p}).run() {
		return
	}
	size := int(unsafe.Sizeof(F(0)))
	g.direct = simd.ReadsRows() && g.a.step == 1 && !(g.parts.Crowds && g.a.lane*size%4096 == 0)
	g.steps = cut(g.k, gemmStepBytes/size, 1)
	blocks := max(1, parallel.Blocks(g.k, g.steps))
	if g.direct {
		g.first, g.last, g.from, g.to = 0, g.a.lanes, 0, blocks
		g.mul()
		return
	}
	for g.from = 0; g.from < blocks; g.from = g.to {
		g.to = g.from + 1
		for g.first = 0; g.first < g.a.lanes; g.first = g.last {
			g.last = min(g.first+gemmRows, g.a.lanes)
			g.pack()
			g.mul()
		}
	}
}

// pack packs the block of a.
func (g *gemm[F]) pack() {
	from, to := parallel.Span(g.from, g.steps, g.k)
	count, k := g.last-g.first, to-from
	if k == 0 {
		return
	}
	if g.a.lane == 1 { // all panels: rows of steps are read in order
		g.panels = parallel.Blocks(count, g.a.width)
		g.depth = roundUp(max(1, gemmPackWork/count), gemmPackSteps)
	} else {
		g.panels = max(1, gemmPackWork/(g.a.width*k))
		g.depth = k
	}
	g.packed = resized(g.packed, roundUp(count, g.a.width)*k)
	parallel.Run(parallel.Blocks(k, g.depth)*parallel.Blocks(count, g.a.width*g.panels), packRows[F]{g})
}

type packRows[F Float] struct{ *gemm[F] }

// Block packs a part of the block of a.
func (g packRows[F]) Block(i int) {
	a := &g.a
	from, to := parallel.Span(g.from, g.steps, g.k)
	k := to - from
	cuts := parallel.Blocks(k, g.depth)
	lo, hi := parallel.Span(i/cuts, a.width*g.panels, g.last-g.first)
	first, last := parallel.Span(i%cuts, g.depth, k)
	simd.Pack(g.packed[lo*k+first*a.width:], a.width, k, a.from(g.first+lo, from+first), a.lane, a.step, hi-lo, last-first)
}

// mul multiplies the block. Tasks are as large as the caches let them be, and
// smaller where there would be too few.
func (g *gemm[F]) mul() {
	m, n, k := g.last-g.first, g.b.lanes, min(g.steps, g.k)
	g.rows, g.cols = cut(m, gemmTaskRows, g.a.width), cut(n, g.parts.B/max(1, k), g.b.width)
	tasks := 1
	if processors := runtime.GOMAXPROCS(0); processors > 1 {
		tasks = gemmTasks * processors
	}
	for parallel.Blocks(m, g.rows)*parallel.Blocks(n, g.cols) < tasks && g.rows*g.cols*k >= 2*gemmTaskWork {
		few := g.cols <= 2*g.b.width && g.rows > gemmTaskRows/4 // rows of a would be read again for every panel
		if g.cols > g.b.width && !few {
			g.cols = roundUp(g.cols/2, g.b.width)
		} else if g.rows > g.a.width {
			g.rows = roundUp(g.rows/2, g.a.width)
		} else {
			break
		}
	}
	g.tasksDown = parallel.Blocks(m, g.rows)
	parallel.Run(g.tasksDown*parallel.Blocks(n, g.cols), mulBlock[F]{g})
}

type mulBlock[F Float] struct{ *gemm[F] }

// Block computes some rows of some columns of c, block by block of the sum.
func (g mulBlock[F]) Block(i int) {
	s := spareScratch[F]().Take()
	for block := g.from; block < g.to; block++ {
		from, to := parallel.Span(block, g.steps, g.k)
		g.multiply(s, i, from, to)
	}
	spareScratch[F]().Give(s)
}

// multiply packs some columns of b and multiplies some rows of the block with
// them, as many at a time as stay in the second cache.
func (g mulBlock[F]) multiply(s *scratch[F], i, from, to int) {
	k := to - from
	lo, hi := parallel.Span(i%g.tasksDown, g.rows, g.last-g.first)
	left, right := parallel.Span(i/g.tasksDown, g.cols, g.b.lanes)
	s.b = resized(s.b, roundUp(right-left, g.b.width)*k)
	b := simd.Panels[F]{Packed: s.b}
	if columns := g.b.from(left, from); g.b.lane == 1 {
		b.From, b.Step = columns, g.b.step
	} else {
		simd.Pack(s.b, g.b.width, k, columns, g.b.lane, g.b.step, right-left, k)
	}
	for part := roundUp(g.parts.A/max(1, k), g.parts.Rows); lo < hi; lo += part {
		rows := min(part, hi-lo)
		c, ends := g.target(g.first+lo, left, right, from, to)
		if g.direct {
			simd.MulRows(c, g.ldc, rows, right-left, k, g.a.from(g.first+lo, from), g.a.lane, b, ends)
		} else {
			simd.MulPacked(c, g.ldc, rows, right-left, k, g.packed[lo*k:], b, ends)
		}
		b.From = nil // packed by now
	}
}

// target is c from a row and the column left on, and what becomes of the sums
// of the steps [from, to) there, up to the column right.
func (g *gemm[F]) target(row, left, right, from, to int) ([]F, simd.Ends[F]) {
	at := row*g.ldc + left
	ends := simd.Ends[F]{Add: g.add || from > 0, ReLU: g.relu && to == g.k}
	if g.bias != nil && from == 0 {
		ends.Columns = g.bias[left:right]
	}
	if g.addend != nil && to == g.k {
		ends.Addend, ends.Scales = g.addend[at:], g.scales[row:]
	}
	return g.c[at:], ends
}

// cut returns the size of the equal parts, each a multiple of unit, that n is
// cut into so that none is larger than most rounded up to a unit.
func cut(n, most, unit int) int {
	parts := max(1, parallel.Blocks(n, max(1, most)))
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
	*g = gemm[F]{packed: g.packed, left: g.left, right: g.right}
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
