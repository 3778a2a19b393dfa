package tensor

import (
	"sync"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// rowJob is a pass over the rows of matrices, or over the planes of images, in
// blocks. Each operation is a type with this layout and a method Block, so that
// one pool serves them all and a call allocates nothing in the steady state.
type rowJob[F Float] struct {
	y, x       []F
	vector     []F
	labels     []int
	index      []int32
	mean, vari []float64
	rows, cols int
	depth      int // what one element of a row holds, for channels
	per        int // rows in a block
	smoothing  float64
	add        bool
	pool       Pooling
	area       int // of a plane of the output of pool
	scratch    []F // kept from call to call, as are the sums
	sums       []float64
}

// grain is how many elements a block of rows should hold: enough to pay for
// waking a processor.
const grain = 1 << 13

// rowJobs are the idle ones.
type rowJobs[F Float] struct {
	sync.Mutex
	idle []*rowJob[F]
}

var (
	rowJobs32 rowJobs[float32]
	rowJobs64 rowJobs[float64]
)

func idleRowJobs[F Float]() *rowJobs[F] {
	if j, ok := any(&rowJobs32).(*rowJobs[F]); ok {
		return j
	}
	return any(&rowJobs64).(*rowJobs[F])
}

func (p *rowJobs[F]) take() *rowJob[F] {
	p.Lock()
	defer p.Unlock()
	last := len(p.idle) - 1
	if last < 0 {
		return nil
	}
	j := p.idle[last]
	p.idle = p.idle[:last]
	return j
}

// takeRows returns a cleared job over rows of the given width.
func takeRows[F Float](rows, cols int) *rowJob[F] {
	j := idleRowJobs[F]().take()
	if j == nil {
		j = &rowJob[F]{}
	}
	j.rows, j.cols, j.per = rows, cols, max(1, grain/max(1, cols))
	return j
}

// run does the blocks of the job, whose operation is body: j under another type.
func (j *rowJob[F]) run(body parallel.Body) {
	parallel.Run(parallel.Blocks(j.rows, j.per), body)
	j.release()
}

// release keeps the job, but nothing of the caller's.
func (j *rowJob[F]) release() {
	*j = rowJob[F]{scratch: j.scratch, sums: j.sums}
	p := idleRowJobs[F]()
	p.Lock()
	defer p.Unlock()
	p.idle = append(p.idle, j)
}

// expRows makes room for what each row's exponentials need.
func (j *rowJob[F]) expRows() {
	if cap(j.scratch) < j.rows {
		j.scratch = make([]F, j.rows)
	}
	if cap(j.sums) < j.rows {
		j.sums = make([]float64, j.rows)
	}
}

// expBlock computes the exponentials of rows [lo, hi) into y, and returns the
// maxima and the sums of the rows.
func (j *rowJob[F]) expBlock(lo, hi int) (top []F, sums []float64) {
	top, sums = j.scratch[lo:hi], j.sums[lo:hi]
	simd.ExpRows(j.y[lo*j.cols:hi*j.cols], j.x[lo*j.cols:hi*j.cols], j.cols, top, sums)
	return top, sums
}

// span returns the rows of block i.
func (j *rowJob[F]) span(i int) (lo, hi int) { return parallel.Span(i, j.per, j.rows) }

// matrixOf returns the rows and columns of x with all but its last index taken
// together.
func matrixOf[F Float](op string, x *Tensor[F]) (rows, cols int) {
	if len(x.Shape) == 0 {
		panic(Mismatch(op, "at least one index", x.Shape))
	}
	cols = x.Shape[len(x.Shape)-1]
	return Size(x.Shape[:len(x.Shape)-1]), cols
}
