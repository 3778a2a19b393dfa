package bench_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/gradus-ml/gradus/bench"
)

func Example() {
	for _, w := range bench.Workloads("mlp") {
		fmt.Println(w.Name, w.Unit)
	}
	// Output:
	// mlp_step ms
	// mlp_small_step ms
	// mlp_big_step ms
}

func TestRun(t *testing.T) {
	w := bench.Workloads("mlp_small_step")[0]
	w.Warm, w.Counted = 1, 3
	r, err := bench.Run(t.Context(), w, bench.Environment{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Workload != w.Name || !(r.Best > 0) || r.Median < r.Best {
		t.Errorf("got %+v, want a positive best and a median above it", r)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := bench.Run(ctx, w, bench.Environment{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancellation: %v, want context.Canceled", err)
	}
}

func TestLimits(t *testing.T) {
	l, err := bench.MeasureLimits(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !(l.PeakOneCore > 0 && l.PeakAllCores > 0 && l.Bandwidth > 0) {
		t.Errorf("got %+v, want all limits positive", l)
	}
	product := bench.Workloads("gemm_256")[0]
	if got := l.Floor(product); got != l.PeakAllCores {
		t.Errorf("floor of a product: %v, want the peak %v", got, l.PeakAllCores)
	}
	memory := bench.Workload{Unit: bench.Milliseconds, Bytes: l.Bandwidth * 1e6}
	if got := l.Floor(memory); math.Abs(got-1) > 1e-12 {
		t.Errorf("floor of a millisecond's traffic: %v, want 1", got)
	}
}
