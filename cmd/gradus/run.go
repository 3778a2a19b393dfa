package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/train"
)

// checkPictures finds out before training whether the curve and the report can
// be written. The folder of the run is yet to be made.
func (r *runFolder) checkPictures(plot string, f reportFlag) error {
	if err := r.checkPlot(plot); err != nil {
		return err
	}
	if inside, err := r.holds(f.Report); inside || err != nil {
		return errors.Join(err, f.checkEnding())
	}
	return f.checkReport()
}

func (r *runFolder) checkPlot(path string) error {
	if path == "" {
		return nil
	}
	if err := report.CheckEnding(path); err != nil {
		return badInput(fmt.Errorf("--plot: %w", err))
	}
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		return badInputf("--plot %s: a folder: want a file", path)
	}
	if inside, err := r.holds(path); inside || err != nil {
		return err
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
	return os.RemoveAll(r.checkpoints())
}
