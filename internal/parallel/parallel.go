// Package parallel runs the blocks of a job on all processors.
//
// How a job is cut into blocks is the caller's, fixed by the size of the work
// and never by the number of processors, so that results are the same bits on
// one core and on many:
//
//	type fill struct{ x []float32 }
//	func (f *fill) Block(i int) {
//		lo, hi := parallel.Span(i, 4096, len(f.x))
//		clear(f.x[lo:hi])
//	}
//	parallel.Run(parallel.Blocks(len(x), 4096), &fill{x})
package parallel

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Body does block i of a job. Different blocks run at the same time and in any
// order.
type Body interface{ Block(i int) }

// Func makes a Body of a function, for callers that may allocate a closure.
type Func func(i int)

// Block calls f.
func (f Func) Block(i int) { f(i) }

// Blocks returns how many blocks of the given size n elements make.
func Blocks(n, size int) int { return (n + size - 1) / size }

// Span returns the range [lo, hi) of block i of n elements.
func Span(i, size, n int) (lo, hi int) { return i * size, min((i+1)*size, n) }

// Run calls body.Block(i) once for each i in [0, blocks) and returns when all
// are done. One block, or one processor, runs on the caller alone.
func Run(blocks int, body Body) {
	helpers := min(runtime.GOMAXPROCS(0), blocks) - 1
	if helpers <= 0 {
		for i := range blocks {
			body.Block(i)
		}
		return
	}
	j := jobs.Get().(*job)
	j.body, j.blocks = body, int64(blocks)
	j.next.Store(0)
	j.done.Add(helpers)
	for range helpers {
		go j.help()
	}
	j.work()
	j.done.Wait()
	j.body = nil
	jobs.Put(j)
}

// jobs reuses job headers, so that Run allocates nothing in the steady state.
var jobs = sync.Pool{New: func() any {
	j := &job{}
	j.help = func() {
		j.work()
		j.done.Done()
	}
	return j
}}

type job struct {
	body   Body
	blocks int64
	next   atomic.Int64 // the next block that nobody has taken
	done   sync.WaitGroup
	help   func() // made once: a go statement on it allocates nothing
}

func (j *job) work() {
	for {
		i := j.next.Add(1) - 1
		if i >= j.blocks {
			return
		}
		j.body.Block(int(i))
	}
}
