package tensor

import (
	"sync"

	"github.com/gradus-ml/gradus/internal/parallel"
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
	scratch    []F // kept from call to call
}

// grain is how many elements a block of rows should hold: enough to pay for
// waking a processor.
const grain = 1 << 13

var rowJobs32, rowJobs64 sync.Pool

func rowPool[F Float]() *sync.Pool {
	if _, ok := any(F(0)).(float32); ok {
		return &rowJobs32
	}
	return &rowJobs64
}

// takeRows returns a cleared job over rows of the given width.
func takeRows[F Float](rows, cols int) *rowJob[F] {
	j, _ := rowPool[F]().Get().(*rowJob[F])
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

func (j *rowJob[F]) release() {
	*j = rowJob[F]{scratch: j.scratch}
	rowPool[F]().Put(j)
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
