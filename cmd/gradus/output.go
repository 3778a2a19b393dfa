package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gradus-ml/gradus/report"
)

// checkOutput finds out before the work whether the file that a flag names can
// be written. An empty path is none.
func checkOutput(flag, path string) error {
	if path == "" {
		return nil
	}
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		return badInputf("%s %s: a folder: want a file", flag, path)
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".gradus-*.tmp")
	if err != nil {
		return badInput(fmt.Errorf("%s %s: %w", flag, path, err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// checkPicture is checkOutput for a picture, whose ending says its format.
func checkPicture(flag, path string) error {
	if path == "" {
		return nil
	}
	if err := report.CheckEnding(path); err != nil {
		return badInput(fmt.Errorf("%s: %w", flag, err))
	}
	return checkOutput(flag, path)
}
