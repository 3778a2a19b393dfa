package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/gradus-ml/gradus/dataset"
)

// Units of results.
const (
	Milliseconds = "ms"
	GFLOPS       = "GFLOP/s"
)

// Workload is something to time.
type Workload struct {
	Name string
	Unit string // Milliseconds or GFLOPS

	// Operations and Bytes are the floor of one repetition: the floating-point
	// operations it cannot avoid, and the memory traffic beyond the caches.
	Operations, Bytes float64

	Warm, Counted int // repetitions before counting, and counted, or more: see shortest

	NeedsImages bool // Prepare reads Environment.Images

	// Prepare makes the data and returns one repetition. A repetition is
	// divided by Divisor, which is 1 if zero.
	Prepare func(e Environment) (repetition func(), err error)
	Divisor int
}

// Environment is what workloads may need from outside.
type Environment struct {
	Images dataset.Source // of [OpenImages], or nil
}

// Result is one line of the benchmark's output.
type Result struct {
	Workload string  `json:"workload"`
	Peer     string  `json:"peer"`
	Unit     string  `json:"unit"`
	Median   float64 `json:"median"`
	Best     float64 `json:"best"`
	Threads  int     `json:"threads"`

	// Floor is the time or rate that the machine's limits allow, where limits
	// were measured; 0 otherwise.
	Floor float64 `json:"floor,omitempty"`
}

// Workloads lists all workloads whose name begins with prefix.
func Workloads(prefix string) []Workload {
	all := slices.Concat(products(), steps(), autoencoders(), predictions(), attacks(), updates(), normalised(), priors(), clustering())
	return slices.DeleteFunc(all, func(w Workload) bool { return !strings.HasPrefix(w.Name, prefix) })
}

// Reached is the part of the machine's limit that the median reaches, 0 where
// no limit was measured.
func (r Result) Reached() float64 {
	switch {
	case r.Floor == 0:
		return 0
	case r.Unit == GFLOPS:
		return r.Median / r.Floor
	}
	return r.Floor / r.Median
}

// shortest is how long repetitions are counted at least, so that the median of
// short ones is not that of one moment of a machine that others use too.
const shortest = 500 * time.Millisecond

// Run times one workload. It returns ctx's error if that ends first.
func Run(ctx context.Context, w Workload, e Environment) (Result, error) {
	repetition, err := w.Prepare(e)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", w.Name, err)
	}
	samples := make([]float64, 0, w.Counted)
	var counted time.Duration
	for i := 0; i < w.Warm+w.Counted || counted < shortest; i++ {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		start := time.Now()
		repetition()
		took := time.Since(start)
		if i >= w.Warm {
			counted += took
			samples = append(samples, float64(took.Nanoseconds())/1e6/float64(max(w.Divisor, 1)))
		}
	}
	slices.Sort(samples)
	r := Result{Workload: w.Name, Peer: "gradus", Unit: w.Unit, Threads: runtime.GOMAXPROCS(0)}
	r.Median, r.Best = (samples[(len(samples)-1)/2]+samples[len(samples)/2])/2, samples[0]
	if w.Unit == GFLOPS {
		r.Median, r.Best = w.Operations/r.Median/1e6, w.Operations/r.Best/1e6
	}
	return r, nil
}
