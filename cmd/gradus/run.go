package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/train"
)

// checkResume refuses flags that a resumed run would not heed.
func (c *trainCommand) checkResume(parsed *kong.Context) error {
	if c.Resume == "" {
		return nil
	}
	heeded := []string{"resume", "checkpoint-every", "checkpoint-steps", "plot", "json"}
	for _, p := range parsed.Path {
		if p.Flag == nil || slices.Contains(heeded, p.Flag.Name) {
			continue
		}
		if p.Flag.Name == "out" {
			return badInputf("--out with --resume: the run stays in the folder that it resumes from")
		}
		return badInputf("--%s with --resume: the run goes on with the flags that it began with", p.Flag.Name)
	}
	return nil
}

// choose settles the run's folder and, for --resume, its flags.
func (c *trainCommand) choose(r *trainingRun) error {
	if r.resume {
		r.folder = c.Resume
		text, err := os.ReadFile(filepath.Join(r.folder, flagsFile))
		if err != nil {
			return badInput(fmt.Errorf("--resume %s: no run to continue: %w", r.folder, err))
		}
		decode := json.NewDecoder(strings.NewReader(string(text)))
		decode.DisallowUnknownFields()
		r.flags = trainFlags{}
		if err := decode.Decode(&r.flags); err != nil {
			return badInput(fmt.Errorf("%s: %w", filepath.Join(r.folder, flagsFile), err))
		}
		if _, err := os.Stat(filepath.Join(r.folder, checkpointFolder)); errors.Is(err, fs.ErrNotExist) {
			return badInputf("--resume %s: the run is finished, or was stopped before its first checkpoint", r.folder)
		}
		return nil
	}
	if strings.HasSuffix(c.Out, ".zip") {
		return badInputf("--out %s: training needs a folder, for its checkpoints", c.Out)
	}
	r.folder = c.Out
	if c.Out == "" {
		r.folder = unusedFolder("gradus-model")
		return nil
	}
	for _, name := range []string{"model.json", checkpointFolder} {
		if _, err := os.Stat(filepath.Join(c.Out, name)); err == nil && !c.Overwrite {
			return badInputf("%s already holds a run: --resume %s goes on with it, --overwrite replaces it", c.Out, shellWord(c.Out))
		}
	}
	return nil
}

// claim makes the run's folder and records its flags there.
func (r *trainingRun) claim() error {
	if r.resume {
		return nil
	}
	if err := os.MkdirAll(r.folder, 0o777); err != nil {
		return badInput(fmt.Errorf("--out: %w", err))
	}
	if _, err := os.Stat(r.flags.Data); err == nil { // a path: --resume may be called from elsewhere
		absolute, err := filepath.Abs(r.flags.Data)
		if err != nil {
			return err
		}
		r.flags.Data = absolute
	}
	if err := os.RemoveAll(filepath.Join(r.folder, checkpointFolder)); err != nil {
		return err
	}
	return writeJSON(filepath.Join(r.folder, flagsFile), r.flags)
}

// checkPlot finds out before training whether a picture can be written.
func (r *trainingRun) checkPlot(path string) error {
	if path == "" {
		return nil
	}
	if err := report.CheckEnding(path); err != nil {
		return badInput(fmt.Errorf("--plot: %w", err))
	}
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		return badInputf("--plot %s: a folder: want a file", path)
	}
	folder, err := filepath.Abs(r.folder)
	if err != nil {
		return err
	}
	if filepath.Dir(path) == folder {
		return nil // which is yet to be made
	}
	return checkOutput("--plot", path)
}

// save writes the finished model and its history, and removes the checkpoints
// that it makes needless.
func (r *trainingRun) save(result *train.Result, metrics *train.Metrics) error {
	r.model.Training.Metrics = map[string]float64{"accuracy": metrics.Accuracy, "loss": metrics.Loss}
	if err := r.model.Save(r.folder); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(r.folder, historyFile), result.History); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(r.folder, checkpointFolder))
}

// explain says of what ended training early what is left and how to go on.
func (r *trainingRun) explain(err error) error {
	os.Remove(filepath.Join(r.folder, checkpointFolder)) // only if it is empty
	var stopped *train.InterruptedError
	var diverged *train.DivergenceError
	var other *train.MismatchError
	var damaged *train.DamagedError
	switch {
	case errors.As(err, &stopped) && stopped.Unsaved != nil:
		return fmt.Errorf("stopped after step %d, which could not be saved: %w", stopped.Step, stopped.Unsaved)
	case errors.As(err, &stopped):
		return stoppedError{fmt.Sprintf("stopped after step %d; gradus train --resume %s goes on", stopped.Step, shellWord(r.folder))}
	case errors.As(err, &diverged):
		return fmt.Errorf("%w; a smaller --lr, or --clip, may help", err)
	case errors.As(err, &other), errors.As(err, &damaged):
		return badInput(err)
	}
	return err
}

// unsaved says of what failed after training that nothing of it is lost.
func (r *trainingRun) unsaved(err error) error {
	next := fmt.Sprintf("gradus train --resume %s measures and saves the result", shellWord(r.folder))
	if errors.Is(err, context.Canceled) {
		return stoppedError{"stopped after training; " + next}
	}
	return fmt.Errorf("%w; %s", err, next)
}
