package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"syscall"
)

// Exit statuses.
const (
	exitDone        = 0
	exitFailure     = 1
	exitBadInput    = 2
	exitInterrupted = 130
)

// inputError marks an error as the user's: a flag, a file, a value.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// badInput marks err, if any, as an error in what the user gave.
func badInput(err error) error {
	if err == nil {
		return nil
	}
	return inputError{err}
}

// badInputf makes an error in what the user gave.
func badInputf(format string, args ...any) error { return inputError{fmt.Errorf(format, args...)} }

// stoppedError says in its own words what an interruption leaves; any other
// error that comes of one is reported as nothing but that.
type stoppedError struct{ text string }

func (e stoppedError) Error() string { return e.text }

func (stoppedError) Unwrap() error { return context.Canceled }

// shellWord quotes a path that a shell would not take as one word.
func shellWord(path string) string {
	if path != "" && !strings.ContainsAny(path, " \t\n'\"\\$&;|<>()*?[]!#~`") {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

// checkedWriter remembers that something could not be written, for printing
// that does not ask.
type checkedWriter struct {
	io.Writer
	err error
}

func (w *checkedWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}

// exitStatus prints an error as one line and returns the exit status it means.
func exitStatus(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	text := err.Error()
	var stopped stoppedError
	if errors.Is(err, context.Canceled) && !errors.As(err, &stopped) {
		text = "interrupted"
	}
	fmt.Fprintf(w, "gradus: %s\n", strings.ReplaceAll(text, "\n", "; "))
	var input inputError
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &input), errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.EISDIR):
		return exitBadInput
	}
	return exitFailure
}
