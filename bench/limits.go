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
	Bandwidth    float64 `json:"bandwidth_gbytes"`      // sustained y += a·x over arrays beyond the caches, all processors
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
	x, y := simd.Make[float32](n), simd.Make[float32](n)
	for range 8 {
		if err := ctx.Err(); err != nil {
			return l, err
		}
		start := time.Now()
		sweep(y, x)
		l.Bandwidth = max(l.Bandwidth, 3*4*n/time.Since(start).Seconds()/1e9)
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

// sweep computes y += x/2 in blocks over all processors.
func sweep(y, x []float32) {
	const block = 1 << 18
	parallel.Run(parallel.Blocks(len(x), block), parallel.Func(func(i int) {
		lo, hi := parallel.Span(i, block, len(x))
		simd.AddScaled(y[lo:hi], x[lo:hi], 0.5)
	}))
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
