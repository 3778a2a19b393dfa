package bench

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"time"
)

// Growth is one size of a piece of work that grows while the others stay.
type Growth struct {
	Name  string // of the size
	Work  string // what is done
	Sizes []int

	// Operations are the multiply-adds that the plain method does, Bytes what
	// it must hold: data, parameters, their gradients and the optimiser's
	// state, activations.
	Operations, Bytes func(size int) float64

	prepare func(size int) (repetition func(), err error)
}

// Grown is a growth measured at each of its sizes, and the exponents e of the
// powers size^e that fit best.
type Grown struct {
	Name         string    `json:"growth"`
	Work         string    `json:"work"`
	Sizes        []int     `json:"sizes"`
	Milliseconds []float64 `json:"ms"`    // of one repetition, the best of several
	Peak         []float64 `json:"bytes"` // what is held, and all that one more repetition allocates: no less than the peak

	TimeExponent       float64 `json:"time_exponent"`
	OperationsExponent float64 `json:"operations_exponent"`
	MemoryExponent     float64 `json:"memory_exponent"`
	BytesExponent      float64 `json:"least_bytes_exponent"`

	// MemoryRatio is the peak at the largest size over the bytes that it must
	// hold.
	MemoryRatio float64 `json:"memory_ratio"`

	Threads int `json:"threads"`
}

// timeEach is how long each size is repeated for.
const timeEach = 200 * time.Millisecond

// Measure runs the growth at each size; before each it calls begin, unless that
// is nil. It returns ctx's error if that ends first.
func (g Growth) Measure(ctx context.Context, begin func(size int)) (Grown, error) {
	r := Grown{Name: g.Name, Work: g.Work, Sizes: g.Sizes, Threads: runtime.GOMAXPROCS(0)}
	var operations, bytes []float64
	for _, size := range g.Sizes {
		if begin != nil {
			begin(size)
		}
		ms, peak, err := g.at(ctx, size)
		if err != nil {
			return r, err
		}
		r.Milliseconds, r.Peak = append(r.Milliseconds, ms), append(r.Peak, peak)
		operations, bytes = append(operations, g.Operations(size)), append(bytes, g.Bytes(size))
		r.MemoryRatio = peak / g.Bytes(size)
	}
	r.TimeExponent, r.OperationsExponent = exponent(g.Sizes, r.Milliseconds), exponent(g.Sizes, operations)
	r.MemoryExponent, r.BytesExponent = exponent(g.Sizes, r.Peak), exponent(g.Sizes, bytes)
	return r, nil
}

// memory returns what a size holds after two repetitions, which settle what is
// kept from one to the next, and all that a third allocates.
func (g Growth) memory(size int) (bytes float64, repetition func(), err error) {
	before := held()
	repetition, err = g.prepare(size)
	if err != nil {
		return 0, nil, fmt.Errorf("%s of %d: %w", g.Name, size, err)
	}
	repetition()
	repetition()
	bytes = held() - before
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	allocated := m.TotalAlloc
	repetition()
	runtime.ReadMemStats(&m)
	return bytes + float64(m.TotalAlloc-allocated), repetition, nil
}

// at measures one size.
func (g Growth) at(ctx context.Context, size int) (ms, peak float64, err error) {
	peak, repetition, err := g.memory(size)
	if err != nil {
		return 0, 0, err
	}
	ms = math.Inf(1)
	for start, n := time.Now(), 0; n < 3 || time.Since(start) < timeEach; n++ {
		if err := ctx.Err(); err != nil {
			return 0, 0, err
		}
		began := time.Now()
		repetition()
		ms = min(ms, float64(time.Since(began).Nanoseconds())/1e6)
	}
	return ms, peak, nil
}

// held is what is on the heap and wanted, in bytes.
func held() float64 {
	runtime.GC()
	runtime.GC() // what the first frees of pools and finalisers
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}

// exponent returns the e of the power c·size^e nearest to y, by least squares
// of the logarithms.
func exponent(sizes []int, y []float64) float64 {
	n := float64(len(sizes))
	var meanX, meanY, xx, xy float64
	for i, s := range sizes {
		meanX, meanY = meanX+math.Log(float64(s))/n, meanY+math.Log(y[i])/n
	}
	for i, s := range sizes {
		dx := math.Log(float64(s)) - meanX
		xx, xy = xx+dx*dx, xy+dx*(math.Log(y[i])-meanY)
	}
	return xy / xx
}
