package main

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"

	"github.com/gradus-ml/gradus/bench"
)

type benchCommand struct {
	Only    string `placeholder:"PREFIX" help:"Only the workloads whose name begins so."`
	Threads int    `default:"0" help:"Processors to use; 0 is all."`
	MNIST   string `name:"mnist" type:"path" placeholder:"DIR" help:"Folder of the MNIST files, for the workloads on real data."`
	Limits  bool   `help:"Measure the machine's peak and memory bandwidth, and hold each workload against them."`
	JSON    bool   `name:"json" help:"One JSON object a line."`
}

// Help is shown by gradus bench --help.
func (benchCommand) Help() string {
	return `Times training steps, predictions, matrix products and updates at fixed sizes,
and prints median and best. With --limits, the last column says which part of
the machine's limit is reached.

Example:
  gradus bench --only mlp --threads 1
  gradus bench --json --mnist data/mnist`
}

// Run times the workloads one after the other.
func (c *benchCommand) Run(ctx context.Context, term *terminal) error {
	if c.Threads < 0 || c.Threads > runtime.NumCPU() {
		return badInputf("--threads %d: want 1 to %d, this machine's processors, or 0 for all", c.Threads, runtime.NumCPU())
	}
	if c.Threads > 0 {
		runtime.GOMAXPROCS(c.Threads)
	}
	workloads := bench.Workloads(c.Only)
	if len(workloads) == 0 {
		return badInputf("--only %s: no workload begins so; gradus bench lists them all", c.Only)
	}
	var limits bench.Limits
	if c.Limits {
		var err error
		if limits, err = bench.MeasureLimits(ctx); err != nil {
			return err
		}
		if err := c.printLimits(term, limits); err != nil {
			return err
		}
	}
	if !c.JSON {
		fmt.Fprintf(term.Out, "%-24s %12s %12s  %s\n", "workload", "median", "best", "unit")
	}
	for _, w := range workloads {
		if w.NeedsMNIST && c.MNIST == "" {
			fmt.Fprintf(term.Err, "%s: left out, it needs --mnist DIR\n", w.Name)
			continue
		}
		result, err := bench.Run(ctx, w, bench.Environment{MNIST: c.MNIST})
		if err != nil {
			return err
		}
		if c.Limits {
			result.Floor = limits.Floor(w)
		}
		if c.JSON {
			if err := json.NewEncoder(term.Out).Encode(result); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(term.Out, "%-24s %12.4g %12.4g  %-7s", result.Workload, result.Median, result.Best, result.Unit)
		if c.Limits {
			fmt.Fprintf(term.Out, "  limit %-9.4g reached %3.0f%%", result.Floor, 100*result.Reached())
		}
		fmt.Fprintln(term.Out)
	}
	return nil
}

func (c *benchCommand) printLimits(term *terminal, l bench.Limits) error {
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(l)
	}
	_, err := fmt.Fprintf(term.Out, "%d processors at %s: peak %.0f GFLOP/s on one, %.0f on all; memory %.1f GB/s\n\n",
		l.Cores, l.Level, l.PeakOneCore, l.PeakAllCores, l.Bandwidth)
	return err
}
