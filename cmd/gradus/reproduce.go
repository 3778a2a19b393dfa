package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/reproduce"
	"github.com/gradus-ml/gradus/train"
)

type reproduceCommand struct {
	Data string `default:"mnist" help:"The folder of the MNIST files, or mnist where gradus data fetch has been."`
	Only string `placeholder:"NAME" help:"Only the experiments whose name begins so; the outcomes of the others are kept."`
	Full bool   `help:"The long runs too, such as training against attacks for an hour."`
	Seed uint64 `default:"1" help:"Of everything that is drawn."`
	Out  string `type:"path" default:"." placeholder:"DIR" help:"Folder for RESULTS.md, results.json and pictures (default: this one)."`
	List bool   `help:"List the experiments and leave."`
	JSON bool   `name:"json" help:"One JSON object an experiment, as each is done."`
}

// Help is shown by gradus reproduce --help.
func (reproduceCommand) Help() string {
	return `Measures again what docs/RESULTS.md shows, each figure beside the published one,
and leaves with status 1 where a figure is outside its stated band. Without
--full it takes about a quarter of an hour on two processors. After Ctrl-C the
experiments that were done are kept, and a long run goes on from where it was
when it is started again: until then it keeps its checkpoints in --out.

Examples:
  gradus reproduce --data mnist --out docs
  gradus reproduce --only shift --out /tmp/results
  gradus reproduce --list`
}

// Run measures the experiments one by one, and writes the results after each.
func (c *reproduceCommand) Run(ctx context.Context, term *terminal) error {
	experiments := slices.DeleteFunc(reproduce.Experiments(c.Only), func(e reproduce.Experiment) bool {
		return e.Long && !c.Full && e.Name != c.Only && !c.List
	})
	if len(experiments) == 0 {
		return badInputf("--only %s: no experiment's name begins so: gradus reproduce --list names them", c.Only)
	}
	if c.List {
		return c.list(term, experiments)
	}
	lab := reproduce.NewLab(c.Data, c.Seed)
	for _, open := range []func() (dataset.Source, error){lab.Train, lab.Test} {
		if _, err := open(); err != nil {
			return badInput(err)
		}
	}
	if err := os.MkdirAll(c.Out, 0o777); err != nil {
		return badInput(fmt.Errorf("--out: %w", err))
	}
	results, err := reproduce.OpenResults(c.Out)
	if err != nil {
		return badInput(err)
	}
	var missed []string
	for i, e := range experiments {
		var doing atomic.Value
		doing.Store("starting")
		lab.Say = func(what string) { doing.Store(what) }
		if lab.Unfinished = ""; e.Long {
			lab.Unfinished = filepath.Join(c.Out, "unfinished-"+e.Name)
		}
		done := term.working(func() string { return fmt.Sprintf("%d of %d, %s: %s", i+1, len(experiments), e.Name, doing.Load()) })
		outcome, err := e.Measure(ctx, lab)
		done()
		if err != nil {
			return unfinished(lab.Unfinished, err)
		}
		outcome.Made = madeBy()
		if err := results.Add(outcome); err != nil {
			return err
		}
		if lab.Unfinished != "" {
			if err := os.RemoveAll(lab.Unfinished); err != nil {
				return err
			}
		}
		if err := c.print(term, outcome); err != nil {
			return err
		}
		if !outcome.Holds() {
			missed = append(missed, e.Name)
		}
	}
	if len(missed) > 0 {
		return fmt.Errorf("outside its stated band: a figure of %s; %s tells which", strings.Join(missed, ", "), c.Out)
	}
	return nil
}

// unfinished says of a long run that was stopped how it goes on, if it keeps
// checkpoints in a folder.
func unfinished(folder string, err error) error {
	if lost := unsavedStep(err); lost != nil {
		return lost
	}
	var other *train.MismatchError
	var damaged *train.DamagedError
	switch _, missing := os.Stat(folder); {
	case folder == "" || missing != nil:
	case errors.Is(err, context.Canceled):
		return stoppedError{fmt.Sprintf("stopped; the same command goes on from %s", shellWord(folder))}
	case errors.As(err, &other), errors.As(err, &damaged):
		return badInput(fmt.Errorf("%w; without that folder the run begins anew", err))
	}
	return err
}

func (c *reproduceCommand) list(term *terminal, experiments []reproduce.Experiment) error {
	for _, e := range experiments {
		long := ""
		if e.Long {
			long = " (with --full)"
		}
		fmt.Fprintf(term.Out, "%-16s %s%s\n", e.Name, e.Title, long)
	}
	return nil
}

func (c *reproduceCommand) print(term *terminal, o *reproduce.Outcome) error {
	if c.JSON {
		return json.NewEncoder(term.Out).Encode(o)
	}
	fmt.Fprintf(term.Out, "%s: %s (%.0f s)\n", o.Experiment, o.Title, o.Seconds)
	for _, r := range o.Figures {
		mark, band := " ", r.Band
		if !r.Holds {
			mark = "!"
		}
		if band != "" {
			band = "want " + band
		}
		if r.Beside != "" {
			band += "  [" + r.Beside + "]"
		}
		fmt.Fprintf(term.Out, "%s %12s  %s  %s\n", mark, r.Shown, r.Name, band)
	}
	_, err := fmt.Fprintln(term.Out)
	return err
}
