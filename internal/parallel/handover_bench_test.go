package parallel

import (
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// meeting is a job of two blocks that neither processor can do alone: each
// waits for the other to begin.
type meeting struct{ here atomic.Int64 }

func (m *meeting) Block(int) {
	m.here.Add(1)
	for looks := 0; m.here.Load() < 2; looks++ {
		if looks == spins {
			looks = 0
			runtime.Gosched()
		}
	}
}

// BenchmarkHandOver times what it takes to hand half of a job to another
// processor and to hear that it is done: to a helper that lingers, and to one
// that has to be started. Where processors are shared with other programs the
// least of several counts is the pool's own.
func BenchmarkHandOver(b *testing.B) {
	if runtime.NumCPU() < 2 {
		b.Skip("one processor: there is nobody to hand work to")
	}
	cores(b, 2)
	body := &meeting{}
	b.Run("lingering", func(b *testing.B) {
		for b.Loop() {
			body.here.Store(0)
			Run(2, body)
		}
	})
	b.Run("resting", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			time.Sleep(5 * linger)
			body.here.Store(0)
			b.StartTimer()
			Run(2, body)
		}
	})
}
