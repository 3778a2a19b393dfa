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
// are done. One block, or one processor, runs on the caller alone. Blocks may
// call Run themselves.
func Run(blocks int, body Body) {
	wanted := min(runtime.GOMAXPROCS(0), blocks) - 1
	if wanted <= 0 {
		for i := range blocks {
			body.Block(i)
		}
		return
	}
	j := jobs.Take()
	j.body, j.blocks = body, int64(blocks)
	j.next.Store(0)
	j.offer(wanted)
	j.work()
	j.takeBack()
	j.body = nil
	jobs.Give(j)
}

var jobs Spares[job] // headers, so that Run allocates nothing in the steady state

// job is a call of Run under way.
type job struct {
	body    Body
	blocks  int64
	next    atomic.Int64   // the next block that nobody has taken
	offered []*helper      // whom the job was offered to
	helping atomic.Int64   // helpers that have not finished with the job
	done    sync.WaitGroup // the same, to wait for long
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

// offer gives the job to as many helpers, if there are any at rest.
func (j *job) offer(wanted int) {
	for i := range helpers {
		if len(j.offered) == wanted {
			return
		}
		h := &helpers[i]
		state := h.job.Load()
		if state != nil && state != lingering {
			continue // at work for somebody else
		}
		j.helping.Add(1)
		j.done.Add(1)
		if !h.job.CompareAndSwap(state, j) {
			j.leave()
			continue
		}
		j.offered = append(j.offered, h)
		if state == nil {
			go h.run()
		}
	}
}

// takeBack withdraws the job from helpers that have not begun, and waits for
// the others.
func (j *job) takeBack() {
	for _, h := range j.offered {
		if h.job.CompareAndSwap(j, lingering) {
			j.leave()
		}
	}
	j.offered = j.offered[:0]
	for range spins {
		if j.helping.Load() == 0 {
			break
		}
	}
	j.done.Wait()
}

func (j *job) leave() {
	j.helping.Add(-1)
	j.done.Done()
}
