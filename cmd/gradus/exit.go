package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
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

// exitStatus prints an error as one line and returns the exit status it means.
func exitStatus(w io.Writer, err error) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintf(w, "gradus: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	var input inputError
	switch {
	case errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &input), errors.Is(err, fs.ErrNotExist):
		return exitBadInput
	}
	return exitFailure
}
