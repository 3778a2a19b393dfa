package parallel

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A helper that has finished its part of a job lingers for a while, looking
// for the next: in a training step one product follows the other within
// microseconds, and to start a goroutine on a sleeping processor takes longer
// than many of them. Then it ends, so that a program at rest uses no processor
// and leaves no goroutine behind.
const (
	linger = 100 * time.Microsecond
	spins  = 1 << 13 // looks, some microseconds, between which other goroutines get their turn
)

// helper is a goroutine that takes blocks of other goroutines' jobs. Its job is
// nil while there is no goroutine, and lingering, working or the job that it
// has been offered while there is.
type helper struct {
	job atomic.Pointer[job]
	_   [120]byte // its own cache lines, for it is looked at all the time
}

// States of a helper that are not jobs.
var lingering, working = new(job), new(job)

// helpers are as many as can work at the same time, for all callers together.
var helpers [256]helper

func (h *helper) run() {
	for {
		j := h.wait()
		if j == nil {
			return
		}
		j.work()
		h.job.Store(lingering)
		j.leave()
	}
}

// wait takes the next job, or ends the helper after a while without one and
// returns nil.
func (h *helper) wait() *job {
	start := time.Now()
	for {
		for range spins {
			if j := h.job.Load(); j != lingering && h.job.CompareAndSwap(j, working) {
				return j
			}
		}
		if time.Since(start) > linger {
			if h.job.CompareAndSwap(lingering, nil) {
				return nil
			}
			continue
		}
		runtime.Gosched()
	}
}
