package parallel

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// cores sets the number of processors for one test.
func cores(t testing.TB, n int) {
	before := runtime.GOMAXPROCS(n)
	t.Cleanup(func() { runtime.GOMAXPROCS(before) })
}

func TestRunDoesEachBlockOnce(t *testing.T) {
	for _, n := range []int{1, 2, 3, 8} {
		cores(t, n)
		for _, blocks := range []int{0, 1, 2, 3, 7, 64, 1000} {
			counts := make([]atomic.Int64, blocks)
			Run(blocks, Func(func(i int) { counts[i].Add(1) }))
			for i := range counts {
				if c := counts[i].Load(); c != 1 {
					t.Fatalf("%d processors: block %d of %d ran %d times", n, i, blocks, c)
				}
			}
		}
	}
}

// TestRunIsOverWhenItReturns writes without synchronisation, for the race
// detector as much as for the sum.
func TestRunIsOverWhenItReturns(t *testing.T) {
	cores(t, 4)
	x := make([]int, 50)
	for range 2000 {
		Run(len(x), Func(func(i int) { x[i]++ }))
	}
	for i, v := range x {
		if v != 2000 {
			t.Fatalf("x[%d] is %d, want 2000", i, v)
		}
	}
}

func TestRunNests(t *testing.T) {
	cores(t, 4)
	var count atomic.Int64
	Run(8, Func(func(int) {
		Run(8, Func(func(int) {
			Run(8, Func(func(int) { count.Add(1) }))
		}))
	}))
	if c := count.Load(); c != 512 {
		t.Errorf("%d blocks ran, want 512", c)
	}
}

func TestRunFromManyGoroutines(t *testing.T) {
	cores(t, 3)
	var callers sync.WaitGroup
	for range 20 {
		callers.Go(func() {
			for range 100 {
				var sum atomic.Int64
				Run(10, Func(func(i int) { sum.Add(int64(i)) }))
				if s := sum.Load(); s != 45 {
					t.Errorf("the blocks add up to %d, want 45", s)
				}
			}
		})
	}
	callers.Wait()
}

// TestHelpersEnd looks for helpers that outlive their usefulness.
func TestHelpersEnd(t *testing.T) {
	cores(t, 4)
	Run(100, Func(func(int) { time.Sleep(10 * time.Microsecond) }))
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		busy := 0
		for i := range helpers {
			if helpers[i].job.Load() != nil {
				busy++
			}
		}
		if busy == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d helpers are still there", busy)
		}
	}
}

func TestSparesAreReused(t *testing.T) {
	var s Spares[int]
	a, b := s.Take(), s.Take()
	if a == b {
		t.Fatal("one value was given to two")
	}
	s.Give(a)
	if s.Take() != a {
		t.Error("a new value was made while one was spare")
	}
}

type nothing struct{}

func (*nothing) Block(int) {}

func TestRunAllocatesNothing(t *testing.T) {
	cores(t, 2)
	body := &nothing{}
	if n := testing.AllocsPerRun(1000, func() { Run(8, body) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// spin keeps a processor busy for about as many nanoseconds.
type spin struct{ turns int }

func (s *spin) Block(int) {
	x := uint64(1)
	for range s.turns {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	sink.Store(x)
}

var sink atomic.Uint64

// BenchmarkRun times jobs of two blocks one after the other, and beside each
// what one block takes.
func BenchmarkRun(b *testing.B) {
	for _, turns := range []int{0, 1000, 10000, 100000} {
		for _, blocks := range []int{1, 2} {
			b.Run(fmt.Sprintf("%dturns%dblocks", turns, blocks), func(b *testing.B) {
				body := &spin{turns}
				b.ReportAllocs()
				for b.Loop() {
					Run(blocks, body)
				}
			})
		}
	}
}
