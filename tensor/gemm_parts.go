package tensor

import (
	"runtime"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// How a product by parts is cut. Results depend on partSteps, which says where
// the sum over k is broken off, stored in c, and continued, and on the last two,
// which say whether there are parts at all.
const (
	partSteps   = 512       // of a block
	partBytes   = 6         // of an element
	partCache   = 768 << 10 // of the rows of a task, which stay in the second cache
	partColumns = 128       // that a task splits and then multiplies
	partOwn     = 4 << 20   // of both operands, up to which tasks split what they need by themselves
	partWork    = 1 << 20   // multiply-adds of the smallest task
	partGroup   = 32        // blocks in a task of splitting
	partProfit  = 100       // multiply-adds for each element that is split, from where on it pays
	partDepth   = 128       // steps of the sum, the same: a short sum is mostly storing
)

// partProduct is a product by parts: see [simd.MulParts]. Large operands are
// split block by block of the sum, in parallel, and then multiplied. Of small
// ones each task splits what it needs, though others do as well: what one
// processor has just written is slow to come to another.
type partProduct struct{ *gemm[float32] }

// run computes the product and reports true, if that is faster than from the
// operands as they are, and as exact.
func (p partProduct) run() bool {
	m, n := p.a.lanes, p.b.lanes
	if !simd.MultipliesParts() || p.k < partDepth || m*n < partProfit*(m+n) || !simd.PartsFit(p.a.data, p.b.data) {
		return false
	}
	p.steps = cut(p.k, partSteps, simd.PartSide)
	blocks := parallel.Blocks(p.k, p.steps)
	if p.direct = (m+n)*p.steps*partBytes <= partOwn; p.direct {
		p.from, p.to = 0, blocks
		p.mul()
		return true
	}
	for p.from = 0; p.from < blocks; p.from = p.to {
		p.to = p.from + 1
		p.left, p.right = p.room(p.left, p.a.lanes), p.room(p.right, p.b.lanes)
		_, k := p.block(p.from)
		parallel.Run(p.a.splits(k)+p.b.splits(k), splitPart{p})
		p.mul()
	}
	return true
}

// block is the first step of a block of the sum, and their number.
func (p partProduct) block(i int) (from, steps int) {
	from, to := parallel.Span(i, p.steps, p.k)
	return from, to - from
}

// room returns parts, or longer ones, for so many lanes of a block.
func (p partProduct) room(parts []uint16, lanes int) []uint16 {
	n := simd.PartsSize(lanes, p.steps)
	if cap(parts) < n {
		return simd.MakeParts(n)
	}
	return parts[:n]
}

// splits is in how many tasks an operand is split: each reads what lies one
// after the other.
func (o *operand[F]) splits(steps int) int {
	along, across := o.split(steps)
	return parallel.Blocks(along, partGroup*simd.PartSide) * parallel.Blocks(across, simd.PartSide)
}

// split is how many lanes or steps lie one after the other, and of the others.
func (o *operand[F]) split(steps int) (along, across int) {
	if o.lane == 1 {
		return o.lanes, steps
	}
	return steps, o.lanes
}

type splitPart struct{ partProduct }

// Block splits a part of an operand.
func (p splitPart) Block(i int) {
	from, k := p.block(p.from)
	o, to := &p.a, p.left
	columns := i >= o.splits(k)
	if columns {
		i -= o.splits(k)
		o, to = &p.b, p.right
	}
	along, across := o.split(k)
	groups := parallel.Blocks(along, partGroup*simd.PartSide)
	lo, hi := parallel.Span(i%groups, partGroup*simd.PartSide, along)
	first, last := parallel.Span(i/groups, simd.PartSide, across)
	if o.lane != 1 {
		lo, hi, first, last = first, last, lo, hi
	}
	at := simd.PartsSize(lo, k) + simd.PartsSize(simd.PartSide, first)
	simd.Split(to[at:], k, o.from(lo, from+first), o.lane, o.step, hi-lo, last-first, columns)
}

// mul multiplies the blocks under way.
func (p partProduct) mul() {
	m, n := p.a.lanes, p.b.lanes
	p.rows, p.cols = cut(m, partCache/(p.steps*partBytes), simd.PartSide), roundUp(n, simd.PartSide)
	tasks := runtime.GOMAXPROCS(0)
	if !p.direct && tasks > 1 {
		tasks *= gemmTasks
	}
	for parallel.Blocks(m, p.rows)*parallel.Blocks(n, p.cols) < tasks && p.rows*p.cols*p.steps >= 2*partWork {
		side := &p.cols
		if p.direct && p.rows > p.cols {
			side = &p.rows
		}
		if *side == simd.PartSide {
			break
		}
		*side = roundUp(*side/2, simd.PartSide)
	}
	p.tasksDown = parallel.Blocks(m, p.rows)
	parallel.Run(p.tasksDown*parallel.Blocks(n, p.cols), mulParts{p})
}

type mulParts struct{ partProduct }

// Block computes some rows of some columns of c.
func (p mulParts) Block(i int) {
	lo, hi := parallel.Span(i%p.tasksDown, p.rows, p.a.lanes)
	left, right := parallel.Span(i/p.tasksDown, p.cols, p.b.lanes)
	if !p.direct {
		from, k := p.block(p.from)
		p.multiply(lo, hi, left, right, from, k, p.left[simd.PartsSize(lo, k):], p.right[simd.PartsSize(left, k):])
		return
	}
	s := sparePairs.Take()
	s.left, s.right = p.room(s.left, hi-lo), p.room(s.right, min(partColumns, right-left))
	for block := p.from; block < p.to; block++ {
		from, k := p.block(block)
		simd.Split(s.left, k, p.a.from(lo, from), p.a.lane, p.a.step, hi-lo, k, false)
		for j := left; j < right; j += partColumns {
			end := min(j+partColumns, right)
			simd.Split(s.right, k, p.b.from(j, from), p.b.lane, p.b.step, end-j, k, true)
			p.multiply(lo, hi, j, end, from, k, s.left, s.right)
		}
	}
	sparePairs.Give(s)
}

// multiply multiplies some rows and columns, in so many steps of the sum.
func (p mulParts) multiply(lo, hi, left, right, from, steps int, a, b []uint16) {
	c, ends := p.target(lo, left, right, from, from+steps)
	simd.MulParts(c, p.ldc, hi-lo, right-left, steps, a, b, ends)
}

// pair holds the parts of what a task needs of both operands.
type pair struct{ left, right []uint16 }

var sparePairs parallel.Spares[pair]
