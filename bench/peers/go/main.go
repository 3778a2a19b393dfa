// Command go times the Go peers of this project on its workloads mlp_step and
// gemm_N, and prints what gradus bench --json does. See README.md beside it.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"
)

// result is a line of output.
type result struct {
	Workload string  `json:"workload"`
	Peer     string  `json:"peer"`
	Unit     string  `json:"unit"`
	Median   float64 `json:"median"`
	Best     float64 `json:"best"`
	Threads  int     `json:"threads"`
}

func main() {
	only := flag.String("only", "", "only the workloads whose name begins so")
	threads := flag.Int("threads", 0, "processors to use; 0 is all")
	flag.Parse()
	if *threads > 0 {
		runtime.GOMAXPROCS(*threads)
	}
	for _, n := range []int{256, 512, 1024} {
		name := fmt.Sprintf("gemm_%d", n)
		if !strings.HasPrefix(name, *only) {
			continue
		}
		operations := 2 * float64(n) * float64(n) * float64(n)
		report(name, "gonum", "GFLOP/s", rates(operations, timed(gonumProduct(n), 1, 5)))
		report(name, "gomlx", "GFLOP/s", rates(operations, timed(gomlxProduct(n), 1, 5)))
	}
	if strings.HasPrefix("mlp_step", *only) {
		report("mlp_step", "gonum", "ms", timed(gonumStep(), 2, 10))
		report("mlp_step", "gomlx", "ms", timed(gomlxStep(), 2, 10))
	}
}

// timed returns milliseconds of repetitions after some that do not count.
func timed(repetition func(), warm, counted int) []float64 {
	var samples []float64
	for i := range warm + counted {
		start := time.Now()
		repetition()
		if i >= warm {
			samples = append(samples, float64(time.Since(start).Nanoseconds())/1e6)
		}
	}
	slices.Sort(samples)
	return samples
}

func rates(operations float64, ms []float64) []float64 {
	out := make([]float64, len(ms))
	for i, v := range ms {
		out[i] = operations / v / 1e6
	}
	return out
}

// report prints samples that are sorted, best first.
func report(workload, peer, unit string, samples []float64) {
	r := result{workload, peer, unit, samples[len(samples)/2], samples[0], runtime.GOMAXPROCS(0)}
	if err := json.NewEncoder(os.Stdout).Encode(r); err != nil {
		panic(err)
	}
}
