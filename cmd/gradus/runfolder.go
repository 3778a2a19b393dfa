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
	"time"

	"github.com/alecthomas/kong"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/train"
)

// runFolder is where a training run that can be resumed keeps its flags, its
// checkpoints and, when it is done, its model.
type runFolder struct {
	command   string // that trains, such as "gradus train"
	flagsFile string // the name of the file of its flags
	folder    string
	resume    bool
}

// runFlags are shared by the commands that train.
type runFlags struct {
	Overwrite       bool          `help:"Replace what --out holds."`
	Resume          string        `type:"path" placeholder:"DIR" help:"Continue the run in this folder, with its flags."`
	CheckpointEvery time.Duration `default:"5m" help:"Time between checkpoints; one is also written on Ctrl-C."`
	CheckpointSteps int           `default:"0" placeholder:"STEPS" help:"Also after so many steps; 0 is not by steps."`
	Plot            string        `type:"path" placeholder:"FILE" help:"Draw the training curve into FILE.svg or FILE.png."`
}

func (f runFlags) checkpoints(r *runFolder) train.Checkpoints {
	return train.Checkpoints{Folder: r.checkpoints(), Every: f.CheckpointEvery, EverySteps: f.CheckpointSteps}
}

// Names inside a run's folder.
const (
	trainFlagsFile   = "train.json"
	vaeFlagsFile     = "vae.json"
	historyFile      = "history.json"
	checkpointFolder = "checkpoints"
)

// checkResume refuses flags that a resumed run would not heed.
func checkResume(parsed *kong.Context, resume string, heeded ...string) error {
	if resume == "" {
		return nil
	}
	heeded = append(heeded, "resume", "checkpoint-every", "checkpoint-steps", "plot", "json")
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

// choose settles the folder: that of --resume, whose flags it reads, or that of
// --out, or a new one of the given name.
func (r *runFolder) choose(f runFlags, out, name string, flags any) error {
	if f.Resume != "" {
		r.folder, r.resume = f.Resume, true
		return r.readFlags(flags)
	}
	if strings.HasSuffix(out, ".zip") {
		return badInputf("--out %s: training needs a folder, for its checkpoints", out)
	}
	r.folder = out
	if out == "" {
		r.folder = unusedFolder(name)
		return nil
	}
	for _, name := range []string{"model.json", checkpointFolder} {
		if _, err := os.Stat(filepath.Join(out, name)); err == nil && !f.Overwrite {
			return badInputf("%s already holds a run: --resume %s goes on with it, --overwrite replaces it", out, shellWord(out))
		}
	}
	return nil
}

func (r *runFolder) readFlags(flags any) error {
	err := readJSON(filepath.Join(r.folder, r.flagsFile), flags)
	if errors.Is(err, fs.ErrNotExist) {
		return badInput(fmt.Errorf("--resume %s: no run to continue: %w", r.folder, err))
	} else if err != nil {
		return badInput(err)
	}
	if _, err := os.Stat(filepath.Join(r.folder, checkpointFolder)); errors.Is(err, fs.ErrNotExist) {
		return badInputf("--resume %s: the run is finished, or was stopped before its first checkpoint", r.folder)
	}
	return nil
}

// readJSON reads a file that writeJSON wrote.
func readJSON(path string, v any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	decode := json.NewDecoder(strings.NewReader(string(text)))
	decode.DisallowUnknownFields()
	if err := decode.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// claim makes the folder and records the flags there; data is the flag among
// them that may be a path.
func (r *runFolder) claim(data *string, flags any) error {
	if r.resume {
		return nil
	}
	if err := os.MkdirAll(r.folder, 0o777); err != nil {
		return badInput(fmt.Errorf("--out: %w", err))
	}
	if _, err := os.Stat(*data); err == nil { // a path: --resume may be called from elsewhere
		absolute, err := filepath.Abs(*data)
		if err != nil {
			return err
		}
		*data = absolute
	}
	if err := os.RemoveAll(r.checkpoints()); err != nil {
		return err
	}
	return writeJSON(filepath.Join(r.folder, r.flagsFile), flags)
}

func (r *runFolder) checkpoints() string { return filepath.Join(r.folder, checkpointFolder) }

// holds reports whether a path lies in the folder itself, which may be yet to
// be made.
func (r *runFolder) holds(path string) (bool, error) {
	folder, err := filepath.Abs(r.folder)
	if err != nil {
		return false, err
	}
	return filepath.Dir(path) == folder, nil
}

// explain says of what ended training early what is left and how to go on.
func (r *runFolder) explain(err error) error {
	os.Remove(r.checkpoints()) // only if it is empty
	if lost := unsavedStep(err); lost != nil {
		return lost
	}
	var stopped *train.InterruptedError
	var diverged *train.DivergenceError
	var other *train.MismatchError
	var damaged *train.DamagedError
	var example *dataset.ExampleError
	switch {
	case errors.As(err, &stopped):
		return stoppedError{fmt.Sprintf("stopped after step %d; %s --resume %s goes on", stopped.Step, r.command, shellWord(r.folder))}
	case errors.As(err, &diverged):
		return fmt.Errorf("%w; a smaller --lr, or --clip, may help", err)
	case errors.As(err, &other), errors.As(err, &damaged), errors.As(err, &example):
		return badInput(err)
	}
	return err
}

// unsavedStep is the error of training that was stopped and whose state could
// not be saved, nil if err is anything else.
func unsavedStep(err error) error {
	var stopped *train.InterruptedError
	if errors.As(err, &stopped) && stopped.Unsaved != nil {
		return fmt.Errorf("stopped after step %d, which could not be saved: %w", stopped.Step, stopped.Unsaved)
	}
	return nil
}

// unsaved says of what failed after training that nothing of it is lost.
func (r *runFolder) unsaved(err error) error {
	next := fmt.Sprintf("%s --resume %s measures and saves the result", r.command, shellWord(r.folder))
	if errors.Is(err, context.Canceled) {
		return stoppedError{"stopped after training; " + next}
	}
	return fmt.Errorf("%w; %s", err, next)
}
