package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

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

// checkSave finds out before the work whether --save can be written as a
// model, and refuses to replace what is there. An empty path is none.
func checkSave(path string) error {
	if path == "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(path, "model.json")); err == nil {
		return badInputf("--save %s: there is a model already: want another name", path)
	}
	if strings.HasSuffix(path, ".zip") {
		if _, err := os.Stat(path); err == nil {
			return badInputf("--save %s: the file exists: want another name", path)
		}
	}
	return checkOutput("--save", filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+".check"))
}
