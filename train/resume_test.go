package train_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/train"
)

// stopAfter trains until it is cancelled in the given step.
func stopAfter(t *testing.T, config train.Config, step int) *train.InterruptedError {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	config.Observer.Step = func(e train.StepEvent) {
		if e.Step == step {
			cancel()
		}
	}
	result, err := train.Fit(ctx, newModel(1), config)
	var stopped *train.InterruptedError
	if !errors.As(err, &stopped) || !errors.Is(err, context.Canceled) || stopped.Step != step || result == nil || result.Steps != step {
		t.Fatalf("cancelled in step %d: got %v, %+v", step, err, result)
	}
	return stopped
}

func withCheckpoints(t *testing.T, every int) train.Config {
	config := newConfig()
	config.Checkpoints = train.Checkpoints{Folder: t.TempDir(), EverySteps: every}
	config.Resume = true
	return config
}

// sameAsUninterrupted fails unless training to the end gives the weights and
// the history of a run without checkpoints.
func sameAsUninterrupted(t *testing.T, config train.Config) {
	t.Helper()
	plain := config
	plain.Checkpoints, plain.Resume, plain.Observer = train.Checkpoints{}, false, train.Observer{}
	wantModel, model := newModel(1), newModel(2)
	want, got := fit(t, wantModel, plain), fit(t, model, config)
	want.Elapsed, got.Elapsed = 0, 0
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("result (-want +got):\n%s", d)
	}
	if d := cmp.Diff(modelfile.Tensors(wantModel.Net), modelfile.Tensors(model.Net)); d != "" {
		t.Fatalf("weights (-want +got):\n%s", d)
	}
}

// TestInterruptedAndResumed stops in the middle of an epoch, at its last step
// (validation is left to the resumed run) and in the last epoch.
func TestInterruptedAndResumed(t *testing.T) {
	config := withCheckpoints(t, 0)
	for _, step := range []int{7, 15, 16, 46, 60} {
		stopped := stopAfter(t, config, step)
		want := filepath.Join(config.Checkpoints.Folder, fmt.Sprintf("step-%012d.safetensors", step))
		if stopped.Checkpoint != want || stopped.Epoch != (step-1)/15 || stopped.Batch != (step-1)%15+1 {
			t.Fatalf("stopped in step %d: got %+v", step, stopped)
		}
		if text := fmt.Sprintf("train: stopped after step %d, in epoch %d after batch %d: context canceled; resume from %s", step, (step-1)/15+1, (step-1)%15+1, want); stopped.Error() != text {
			t.Fatalf("got %s, want %s", stopped, text)
		}
	}
	sameAsUninterrupted(t, config)
	sameAsUninterrupted(t, config) // resumes at the end
}

// TestLongerRun: a run that ended, at a limit of steps within an epoch or of
// epochs, goes on under a higher one as if it had never stopped.
func TestLongerRun(t *testing.T) {
	config := withCheckpoints(t, 7)
	short := config
	short.Steps = 20
	fit(t, newModel(1), short)
	short = config
	short.Epochs = 2
	fit(t, newModel(1), short)
	sameAsUninterrupted(t, config)
}

func TestCheckpointsByTime(t *testing.T) {
	config := withCheckpoints(t, 0)
	config.Checkpoints.Every = 1
	written := 0
	config.Observer.Checkpoint = func(e train.CheckpointEvent) {
		written++
		if e.Step != written && e.Step != 60 || e.Took <= 0 || !strings.HasSuffix(e.Path, fmt.Sprintf("step-%012d.safetensors", e.Step)) {
			t.Errorf("checkpoint %d: %+v", written, e)
		}
	}
	fit(t, newModel(1), config)
	if written != 61 { // each step, and the end of the last epoch
		t.Errorf("%d checkpoints in 60 steps, want 61", written)
	}
	config.Checkpoints.Every, config.Checkpoints.Folder, written = time.Hour, t.TempDir(), 0
	config.Observer.Checkpoint = func(train.CheckpointEvent) { written++ }
	fit(t, newModel(1), config)
	if written != 1 {
		t.Errorf("%d checkpoints in less than an hour, want 1", written)
	}
}

func TestDamagedCheckpoints(t *testing.T) {
	damages := map[string]func([]byte) []byte{
		"cut":           func(b []byte) []byte { return b[:len(b)/2] },
		"emptied":       func([]byte) []byte { return nil },
		"bit in weight": func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"bit in state":  func(b []byte) []byte { b[strings.Index(string(b), `\"batch\"`)+11] ^= 1; return b },
		"other file":    func([]byte) []byte { return []byte("\x08\x00\x00\x00\x00\x00\x00\x00{}      ") },
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			config := withCheckpoints(t, 5)
			stopAfter(t, config, 22)
			harm := func(path string) {
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, damage(b), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			newest := filepath.Join(config.Checkpoints.Folder, "step-000000000022.safetensors")
			older := filepath.Join(config.Checkpoints.Folder, "step-000000000020.safetensors")
			harm(newest)
			resumed := 0
			config.Observer.Resumed = func(r train.Resumption) {
				resumed++
				if r.Path != older || r.Step != 20 || len(r.Skipped) != 1 || !strings.Contains(r.Skipped[0].Error(), newest) {
					t.Errorf("got %+v, want a resumption from step 20 that names the damaged file", r)
				}
			}
			sameAsUninterrupted(t, config)
			if resumed != 1 {
				t.Errorf("resumed %d times", resumed)
			}
			for _, path := range []string{"step-000000000060.safetensors", "step-000000000055.safetensors"} {
				harm(filepath.Join(config.Checkpoints.Folder, path))
			}
			model := newModel(3)
			_, err := train.Fit(context.Background(), model, config)
			var all *train.DamagedError
			if !errors.As(err, &all) || len(all.Reasons) != 2 {
				t.Errorf("all damaged: got %v", err)
			}
			if d := cmp.Diff(modelfile.Tensors(newModel(3).Net), modelfile.Tensors(model.Net)); d != "" {
				t.Errorf("the model was changed:\n%s", d)
			}
		})
	}
}

func TestResumingOtherRuns(t *testing.T) {
	config := withCheckpoints(t, 0)
	stopAfter(t, config, 3)
	for _, c := range []struct {
		field  string
		change func(*train.Config, *modelfile.Model)
	}{
		{"architecture", func(_ *train.Config, m *modelfile.Model) {
			m.Net.(nn.Sequential[float32])[3] = nn.NewDropout[float32](0.3)
		}},
		{"frozen parameters", func(_ *train.Config, m *modelfile.Model) {
			m.Net.(nn.Sequential[float32])[0].(*nn.Linear[float32]).Bias.Frozen = true
		}},
		{"preprocessing", func(_ *train.Config, m *modelfile.Model) { m.Preprocess.Mean[0] = 1 }},
		{"batch size", func(c *train.Config, _ *modelfile.Model) { c.BatchSize = 17 }},
		{"shuffling", func(c *train.Config, _ *modelfile.Model) { c.Shuffle = false }},
		{"dropping of the last batch", func(c *train.Config, _ *modelfile.Model) { c.DropLast = true }},
		{"seed", func(c *train.Config, _ *modelfile.Model) { c.Seed = 8 }},
		{"label smoothing", func(c *train.Config, _ *modelfile.Model) { c.LabelSmoothing = 0.1 }},
		{"class weights", func(c *train.Config, _ *modelfile.Model) { c.ClassWeights = []float64{1, 1, 2} }},
		{"monitored quantity", func(c *train.Config, _ *modelfile.Model) { c.Monitor = train.Accuracy }},
		{"least improvement", func(c *train.Config, _ *modelfile.Model) { c.MinDelta = 0.1 }},
		{"keeping of the best", func(c *train.Config, _ *modelfile.Model) { c.KeepBest = false }},
		{"step", func(c *train.Config, _ *modelfile.Model) { c.Step = optim.AdamStep[float32](0.02) }},
		{"step", func(c *train.Config, _ *modelfile.Model) { c.Step = optim.MomentumStep[float32](0.01) }},
		{"parameter group", func(c *train.Config, _ *modelfile.Model) {
			c.Groups = []optim.Group[float32]{{Match: "*.bias", Step: c.Step}}
		}},
		{"training data", func(c *train.Config, _ *modelfile.Model) { c.Train = blobs(300, 2) }},
		{"training data", func(c *train.Config, _ *modelfile.Model) { c.Train = blobs(301, 1) }},
		{"validation data", func(c *train.Config, _ *modelfile.Model) {
			c.Train, c.HoldOut, c.Validation = rest(c), 0, blobs(20, 3)
		}},
	} {
		other, model := config, newModel(1)
		c.change(&other, model)
		_, err := train.Fit(context.Background(), model, other)
		var mismatch *train.MismatchError
		if !errors.As(err, &mismatch) || mismatch.Field != c.field || !strings.Contains(err.Error(), "the checkpoint has "+c.field) {
			t.Errorf("%s: got %v", c.field, err)
		}
	}
	config.Resume = false
	if _, err := train.Fit(context.Background(), newModel(1), config); err == nil || !strings.Contains(err.Error(), "already holds a checkpoint") {
		t.Errorf("without Resume: got %v", err)
	}
}

// rest is what holding out leaves of the training data.
func rest(c *train.Config) dataset.Source {
	rest, _, err := dataset.HoldOut(c.Train, c.HoldOut, c.Seed)
	if err != nil {
		panic(err)
	}
	return rest
}

// TestStateThatCannotBeSaved: an interruption whose checkpoint cannot be
// written says so, and does not name one that is not there.
func TestStateThatCannotBeSaved(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	config := newConfig()
	config.Checkpoints.Folder = filepath.Join(t.TempDir(), "checkpoints")
	config.Observer.Step = func(train.StepEvent) {
		os.RemoveAll(config.Checkpoints.Folder)
		cancel()
	}
	_, err := train.Fit(ctx, newModel(1), config)
	var stopped *train.InterruptedError
	if !errors.As(err, &stopped) || stopped.Unsaved == nil || stopped.Checkpoint != "" {
		t.Fatalf("got %v, want an interruption that could not be saved", err)
	}
	if !errors.Is(err, context.Canceled) || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v: want both causes in it", err)
	}
}
