package bench

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
)

// Limits are what a machine can do at most, measured.
type Limits struct {
	PeakOneCore  float64 `json:"peak_one_core_gflops"`  // fused multiply-adds of float32, two operations each
	PeakAllCores float64 `json:"peak_all_cores_gflops"` // the same on all processors at once
	Bandwidth    float64 `json:"bandwidth_gbytes"`      // sustained over arrays beyond the caches, all processors
	Cores        int     `json:"cores"`
	Level        string  `json:"simd"`
}

// MeasureLimits takes about two seconds. Each figure is the best of several
// short trials: a limit is what the machine reaches when left alone.
func MeasureLimits(ctx context.Context) (Limits, error) {
	l := Limits{Cores: runtime.GOMAXPROCS(0), Level: simd.Active().String()}
	rounds := 1 << 20
	for range 12 {
		if err := ctx.Err(); err != nil {
			return l, err
		}
		l.PeakOneCore = max(l.PeakOneCore, peak(1, rounds))
		l.PeakAllCores = max(l.PeakAllCores, peak(l.Cores, rounds))
	}
	const n = 1 << 24 // 64 MiB an array, twice the largest cache we know
	// Reads and writes overlap, so that a mix of them is what goes fastest.
	x, y, z := simd.Make[float32](n), simd.Make[float32](n), simd.Make[float32](n)
	for i := range n {
		x[i], y[i], z[i] = 1, 1, 1 // memory that was never written is one page of zeros
	}
	for range 8 {
		if err := ctx.Err(); err != nil {
			return l, err
		}
		l.Bandwidth = max(l.Bandwidth,
			sweep(3*4, n, func(lo, hi int) { simd.AddScaled(y[lo:hi], x[lo:hi], 0.5) }),
			sweep(5*4, n, func(lo, hi int) { simd.EMAStep(z[lo:hi], y[lo:hi], x[lo:hi], 0.1, 1e-3, 1) }))
	}
	return l, nil
}

// peak returns the rate in GFLOP/s of the multiply-add loop on cores
// processors at once.
func peak(cores, rounds int) float64 {
	var all sync.WaitGroup
	operations := make([]float64, cores)
	start := time.Now()
	for i := range cores {
		all.Go(func() { operations[i] = simd.FMALoop(rounds) })
	}
	all.Wait()
	elapsed := time.Since(start).Seconds()
	total := 0.0
	for _, o := range operations {
		total += o
	}
	return total / elapsed / 1e9
}

// sweep does work on n elements in blocks over all processors, and returns the
// rate in GB/s at which it moves so many bytes for each.
func sweep(bytes, n int, work func(lo, hi int)) float64 {
	const block = 1 << 15
	start := time.Now()
	parallel.Run(parallel.Blocks(n, block), parallel.Func(func(i int) { work(parallel.Span(i, block, n)) }))
	return float64(bytes) * float64(n) / time.Since(start).Seconds() / 1e9
}

// Floor is the least time in milliseconds, or the highest rate in GFLOP/s,
// that the limits allow w: operations over peak or bytes over bandwidth,
// whichever takes longer. Where the unit is GFLOP/s it is the peak.
func (l Limits) Floor(w Workload) float64 {
	if w.Unit == GFLOPS {
		return l.PeakAllCores
	}
	return max(w.Operations/l.PeakAllCores, w.Bytes/l.Bandwidth) / 1e6
}
