package train_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/gradus-ml/gradus/train"
)

// The environment that makes the test binary train, until it is killed.
const (
	childFolder = "GRADUS_TRAIN_TEST_FOLDER"
	childCrash  = "GRADUS_TRAIN_TEST_CRASH" // write so many checkpoints, and be killed while writing the next
)

func TestMain(m *testing.M) {
	if folder := os.Getenv(childFolder); folder != "" {
		if err := child(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func killConfig() train.Config {
	config := newConfig()
	config.Epochs, config.Patience = 30, 29
	return config
}

// child trains in a folder, from where it was left, and saves the model there.
func child(folder string) error {
	if n, err := strconv.Atoi(os.Getenv(childCrash)); err == nil {
		go crashWhileWriting(folder, n)
	}
	config := killConfig()
	config.Resume = true
	config.Checkpoints = train.Checkpoints{Folder: folder, EverySteps: 2}
	config.Observer.Step = func(train.StepEvent) {
		fmt.Println("step")
		time.Sleep(time.Millisecond)
	}
	model := newModel(1)
	if _, err := train.Fit(context.Background(), model, config); err != nil {
		return err
	}
	return model.Save(filepath.Join(folder, "model"))
}

// crashWhileWriting kills the process when it sees a file being written, after
// seeing n others.
func crashWhileWriting(folder string, n int) {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		panic(err)
	}
	left, _ := filepath.Glob(filepath.Join(folder, ".step-*.tmp")) // by the kill before
	for last := fmt.Sprint(left); ; {
		found, _ := filepath.Glob(filepath.Join(folder, ".step-*.tmp"))
		now := fmt.Sprint(found)
		if len(found) == 0 || now == last {
			continue
		}
		last = now
		if n--; n < 0 {
			if err := self.Kill(); err != nil {
				panic(err)
			}
		}
	}
}

// runChild runs the child and reports whether it came to its end. It kills it
// some time after its first step, if after is not 0, or lets it crash after
// that many checkpoints, if crash is not negative.
func runChild(t *testing.T, folder string, after time.Duration, crash int) (done bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+folder)
	if crash >= 0 {
		cmd.Env = append(cmd.Env, childCrash+"="+strconv.Itoa(crash))
	}
	var failure bytes.Buffer
	cmd.Stderr = &failure
	steps, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(steps, make([]byte, 1)); err == nil && after > 0 {
		time.Sleep(after)
		if err := cmd.Process.Kill(); err != nil {
			t.Log("it had ended:", err)
		}
	}
	if _, err := io.Copy(io.Discard, steps); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if failure.Len() > 0 {
		t.Fatalf("the child failed: %s", &failure)
	}
	return err == nil
}

// TestKilledAndResumed kills a run ten times, five times at random and five
// times while it writes a checkpoint, and compares what it comes to in the end
// with a run that was left in peace and wrote none.
func TestKilledAndResumed(t *testing.T) {
	quiet, folder := t.TempDir(), t.TempDir()
	model := newModel(1)
	fit(t, model, killConfig())
	if err := model.Save(filepath.Join(quiet, "model")); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 0))
	halfWritten := 0
	for kill := range 10 {
		after, crash := time.Duration(1+rng.IntN(50))*time.Millisecond, -1
		if kill%2 == 1 {
			after, crash = 0, rng.IntN(12)
		}
		if runChild(t, folder, after, crash) {
			t.Fatalf("the run came to its end before kill %d", kill)
		}
		if found, _ := filepath.Glob(filepath.Join(folder, ".step-*.tmp")); len(found) > 0 {
			halfWritten++
		}
	}
	if halfWritten == 0 {
		t.Error("no kill fell on the writing of a checkpoint")
	}
	before, _ := filepath.Glob(filepath.Join(folder, "step-*"))
	if !runChild(t, folder, 0, -1) {
		t.Fatal("the run did not come to its end")
	}
	t.Logf("%d of 10 kills left a file half-written; the last run resumed from %v", halfWritten, before)
	for _, name := range []string{"weights.safetensors", "model.json"} {
		want, err := os.ReadFile(filepath.Join(quiet, "model", name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(folder, "model", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s of the killed run differs from that of the other", name)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*step-*")); len(left) != 2 {
		t.Errorf("left behind: %v, want two checkpoints", left)
	}
}
