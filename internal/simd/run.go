package simd

import (
	"fmt"
	"math"
	"sync"

	"github.com/gradus-ml/gradus/internal/parallel"
)

// block is how many elements of a long slice one processor takes at a time. It
// is part of what a sum is: partial sums are made for each block and added in
// order.
const block = 1 << 15

// streams are the operands of a loop, all of one length.
type streams[F Float] struct {
	dst, a, b []F
	s         [4]F
}

// job is a long loop or fold, cut into blocks. Jobs are reused, so that a long
// call allocates no more than a short one.
type job[F Float] struct {
	v       streams[F]
	loop    loop[F]
	fold    folder[F]
	partial []float64
}

// folder is a fold and, if it has one, the loop that folds the quarters of a
// slice in turn: what is read at four places at once comes from memory sooner.
type folder[F Float] struct{ alone, quarters fold[F] }

// quartered is from how many elements on a block is folded by quarters.
const quartered = 1 << 13

// of folds one block.
func (f folder[F]) of(a, b []F) float64 {
	if n := len(a); f.quarters != nil && n >= quartered && n%4 == 0 {
		return f.quarters(a, b)
	}
	return f.alone(a, b)
}

// Block does block i of the job.
func (j *job[F]) Block(i int) {
	lo, hi := parallel.Span(i, block, len(j.v.dst))
	if j.fold.alone != nil {
		j.partial[i] = j.fold.of(j.v.a[lo:hi], j.v.b[lo:hi])
		return
	}
	j.loop(j.v.dst[lo:hi], j.v.a[lo:hi], j.v.b[lo:hi], j.v.s)
}

// jobs are the idle ones.
type jobs[F Float] struct {
	sync.Mutex
	idle []*job[F]
}

var (
	jobs32 jobs[float32]
	jobs64 jobs[float64]
)

func idleJobs[F Float]() *jobs[F] {
	if j, ok := any(&jobs32).(*jobs[F]); ok {
		return j
	}
	return any(&jobs64).(*jobs[F])
}

func takeJob[F Float](v streams[F]) *job[F] {
	p := idleJobs[F]()
	p.Lock()
	defer p.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return &job[F]{v: v}
	}
	j := p.idle[last]
	p.idle = p.idle[:last]
	j.v = v
	return j
}

// release keeps the job, but nothing of the caller's.
func (j *job[F]) release() {
	*j = job[F]{partial: j.partial}
	p := idleJobs[F]()
	p.Lock()
	defer p.Unlock()
	p.idle = append(p.idle, j)
}

// run does a loop over streams, on all processors if they are long.
func run[F Float](op string, loop loop[F], v streams[F]) {
	n := len(v.dst)
	if len(v.a) != n || len(v.b) != n {
		panic(lengths(op, n, len(v.a), len(v.b)))
	}
	if n <= block {
		if n > 0 {
			loop(v.dst, v.a, v.b, v.s)
		}
		return
	}
	j := takeJob(v)
	j.loop = loop
	parallel.Run(parallel.Blocks(n, block), j)
	j.release()
}

// lengths is the text of the panic for slices that do not fit together.
func lengths(op string, n ...int) string {
	return fmt.Sprintf("%s: slices of lengths %v: want one length", op, n)
}

// partials folds each block of a and b. The caller combines them in order and
// releases the job.
func partials[F Float](fold folder[F], a, b []F) *job[F] {
	j := takeJob(streams[F]{dst: a, a: a, b: b})
	j.fold = fold
	blocks := parallel.Blocks(len(a), block)
	if cap(j.partial) < blocks {
		j.partial = make([]float64, blocks)
	}
	j.partial = j.partial[:blocks]
	parallel.Run(blocks, j)
	return j
}

// foldSum returns the sum of the folds of the blocks, in order.
func foldSum[F Float](op string, fold folder[F], a, b []F) float64 {
	if len(a) != len(b) {
		panic(lengths(op, len(a), len(b)))
	}
	if len(a) <= block {
		if len(a) == 0 {
			return 0
		}
		return fold.of(a, b)
	}
	j := partials(fold, a, b)
	total := 0.0
	for _, s := range j.partial {
		total += s
	}
	j.release()
	return total
}

// foldMax returns the largest of the folds of the blocks; NaN wins.
func foldMax[F Float](fold fold[F], a []F) F {
	if len(a) <= block {
		if len(a) == 0 {
			return F(math.Inf(-1))
		}
		return F(fold(a, a))
	}
	j := partials(folder[F]{alone: fold}, a, a)
	largest := math.Inf(-1)
	for _, m := range j.partial {
		largest = max(largest, m)
	}
	j.release()
	return F(largest)
}
