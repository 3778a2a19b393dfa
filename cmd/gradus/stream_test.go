package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestStreamIsAnsweredAndInterrupted writes rows one at a time to a stream
// that stays open, wants each answered before the next, stops it as Ctrl-C
// does, and wants its summary and a state to go on from.
func TestStreamIsAnsweredAndInterrupted(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(t.TempDir(), "state.json")
	gradus := exec.Command(self, "shift", "-", "--stream", "--train-prior", "0.5,0.5", "--state", state)
	gradus.Args[0] = "gradus"
	var errs bytes.Buffer
	gradus.Stderr = &errs
	in, err := gradus.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := gradus.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := gradus.Start(); err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(time.Minute, func() { gradus.Process.Kill() })
	defer stuck.Stop()
	answers := bufio.NewReader(out)
	for row := 1; row <= 5; row++ {
		if _, err := io.WriteString(in, "0,2\n"); err != nil {
			t.Fatal(err)
		}
		answer, err := answers.ReadString('\n')
		if want := fmt.Sprintf("row %d: class 1 ", row); err != nil || !strings.HasPrefix(answer, want) {
			t.Fatalf("answer %q, %v; want %q", answer, err, want)
		}
	}
	if err := gradus.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(answers)
	if err != nil {
		t.Fatal(err)
	}
	gradus.Wait()
	if got := gradus.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("status %d, want %d", got, exitInterrupted)
	}
	if text := string(rest); !strings.Contains(text, "5 rows; ") || !strings.Contains(text, "verdict: ") {
		t.Errorf("output %q, want a summary", text)
	}
	if text := errs.String(); strings.Count(text, "\n") != 1 || !strings.Contains(text, "stopped after 5 rows") {
		t.Errorf("stderr %q, want one line", text)
	}
	again := exec.Command(self, "shift", "-", "--stream", "--train-prior", "0.5,0.5", "--state", state)
	again.Args[0] = "gradus"
	again.Stdin = strings.NewReader("0,2\n")
	if text, err := again.CombinedOutput(); err != nil || !strings.Contains(string(text), "row 6: class 1") {
		t.Errorf("gone on: %v\n%s", err, text)
	}
}
