package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"

	"github.com/gradus-ml/gradus/bench"
)

type benchCommand struct {
	Only    string `placeholder:"PREFIX" help:"Only the workloads whose name begins so."`
	Threads int    `default:"0" help:"Processors to use; 0 is all."`
	MNIST   string `name:"mnist" type:"path" placeholder:"DIR" help:"Folder of the MNIST files, for the workloads on real data."`
	Limits  bool   `help:"Measure the machine's peak and memory bandwidth, and hold each workload against them."`
	Scale   bool   `help:"Measure instead how time and memory grow with batch, width, depth, examples and K."`
	Plot    string `type:"path" placeholder:"FILE" help:"Draw the growth of --scale into FILE, .svg or .png."`
	JSON    bool   `name:"json" help:"One JSON object a line."`

	reportFlag
}

// Help is shown by gradus bench --help.
func (benchCommand) Help() string {
	return `Times training steps, predictions, matrix products and updates at fixed sizes,
and prints median and best. With --limits, the last column says which part of
the machine's limit is reached, fused multiply-adds or memory; large products on
processors with AMX pass it, for they use other instructions. With --scale, one
size at a time grows while the others stay, and the exponent of the power that
fits is held against that of the operations; --only is then one of batch, width,
depth, examples and K.

Example:
  gradus bench --only mlp --threads 1
  gradus bench --json --mnist data/mnist
  gradus bench --scale --plot growth.svg`
}

// Run times the workloads one after the other.
func (c *benchCommand) Run(ctx context.Context, term *terminal) error {
	if c.Threads < 0 || c.Threads > runtime.NumCPU() {
		return badInputf("--threads %d: want 1 to %d, this machine's processors, or 0 for all", c.Threads, runtime.NumCPU())
	}
	if (c.Plot != "" || c.Report != "") && !c.Scale {
		return badInputf("--plot and --report go with --scale")
	}
	if c.Scale && c.Limits {
		return badInputf("--scale and --limits are two measurements: want one of them")
	}
	if err := errors.Join(checkPicture("--plot", c.Plot), c.checkReport()); err != nil {
		return err
	}
	if c.Threads > 0 {
		runtime.GOMAXPROCS(c.Threads)
	}
	if c.Scale {
		return c.scale(ctx, term)
	}
	workloads := bench.Workloads(c.Only)
	if len(workloads) == 0 {
		return badInputf("--only %s: no workload begins so; gradus bench lists them all", c.Only)
	}
	var environment bench.Environment
	if c.MNIST != "" {
		var err error
		if environment.Images, err = bench.OpenImages(c.MNIST); err != nil {
			return badInputf("--mnist: %w", err)
		}
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
		if w.NeedsImages && environment.Images == nil {
			fmt.Fprintf(term.Err, "%s: left out, it needs --mnist DIR\n", w.Name)
			continue
		}
		result, err := bench.Run(ctx, w, environment)
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
