package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestInterruptAndResume stops a run as Ctrl-C does, kills another outright,
// resumes both, and wants the weights of a run that went through.
func TestInterruptAndResume(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	gradus := func(args ...string) *exec.Cmd {
		c := exec.Command(self, args...)
		c.Args[0] = "gradus" // which the test binary then is
		c.Dir = folder
		return c
	}
	for _, args := range [][]string{
		{"data", "export", "glyphs", "--n", "800", "--idx", "digits"},
		{"data", "export", "glyphs", "--split", "test", "--n", "50", "--idx", "digits"},
	} {
		if out, err := gradus(args...).CombinedOutput(); err != nil {
			t.Fatalf("gradus %v: %v\n%s", args, err, out)
		}
	}
	for name, command := range map[string]struct{ train, flags []string }{
		"train":     {[]string{"train"}, []string{"--model", "mlp:64", "--estimator", "ema:0.2", "--penalty", "group:0.02", "--balance", "--prune", "--refit", "3", "--init", "preserve"}},
		"vae train": {[]string{"vae", "train"}, []string{"--hidden", "64", "--latent", "4"}},
	} {
		t.Run(name, func(t *testing.T) {
			flags := slices.Concat(command.train, command.flags, []string{"--data", "digits", "--epochs", "60", "--batch", "16", "--checkpoint-steps", "50", "--json"})
			run := strings.ReplaceAll(name, " ", "-")
			if out, err := gradus(append(flags, "--out", run)...).CombinedOutput(); err != nil {
				t.Fatalf("gradus %v: %v\n%s", flags, err, out)
			}
			want := weights(t, folder, run)
			for _, stop := range []os.Signal{os.Interrupt, os.Kill} {
				out := run + "-" + stop.String()
				c := gradus(append(flags, "--out", out)...)
				var errs bytes.Buffer
				c.Stderr = &errs
				if err := c.Start(); err != nil {
					t.Fatal(err)
				}
				waitFor(t, filepath.Join(folder, out, checkpointFolder))
				c.Process.Signal(stop)
				c.Wait()
				if c.ProcessState.Success() {
					t.Fatalf("%s: the run went through before it could be stopped", out)
				}
				if stop == os.Interrupt {
					if got := c.ProcessState.ExitCode(); got != exitInterrupted {
						t.Errorf("status %d, want %d", got, exitInterrupted)
					}
					if text := errs.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "gradus "+name+" --resume") {
						t.Errorf("stderr %q, want one line that says how to go on", text)
					}
				}
				if out, err := gradus(append(slices.Clone(command.train), "--resume", out, "--json")...).CombinedOutput(); err != nil {
					t.Fatalf("resume after %s: %v\n%s", stop, err, out)
				}
				if !bytes.Equal(weights(t, folder, out), want) {
					t.Errorf("after %s and resume the weights differ from those of a run that went through", stop)
				}
			}
		})
	}
}

func weights(t *testing.T, folder, run string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(folder, run, "weights.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// waitFor returns when a folder holds something.
func waitFor(t *testing.T, folder string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		if entries, err := os.ReadDir(folder); err == nil && len(entries) > 0 {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("%s: nothing was written", folder)
}
