package train

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// kept is how many checkpoints a folder keeps: the newest, and one more in
// case that is damaged.
const kept = 2

// checkpointName sorts by step.
func checkpointName(step int) string { return fmt.Sprintf("step-%012d.safetensors", step) }

// begin resumes from a checkpoint, or makes sure that there is none.
func (r *run) begin() error {
	folder := r.config.Checkpoints.Folder
	if folder == "" {
		return nil
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	found, err := filesIn(folder, checkpointPattern)
	if err != nil || len(found) == 0 {
		return err
	}
	if !r.config.Resume {
		return fmt.Errorf("train: %s already holds a checkpoint: resume from it, or choose another folder", found[len(found)-1])
	}
	var skipped []error
	for _, path := range slices.Backward(found) {
		c, err := readCheckpoint(path)
		if err != nil {
			skipped = append(skipped, err)
			continue
		}
		if err := compare(path, c.Fingerprint, r.fingerprint); err != nil {
			return err
		}
		if err := r.restore(path, c); err != nil {
			return err
		}
		r.saved, r.savedState = path, [3]int{r.Step, r.Epoch, r.Batch}
		if r.config.Observer.Resumed != nil {
			r.config.Observer.Resumed(Resumption{Path: path, Step: r.Step, Skipped: skipped})
		}
		return nil
	}
	return &DamagedError{Folder: folder, Reasons: skipped}
}

const (
	checkpointPattern = "step-[0-9]*.safetensors"
	leftoverPattern   = ".step-[0-9]*.safetensors.*.tmp"
)

// filesIn returns the files of a folder that match a pattern, sorted by name.
func filesIn(folder, pattern string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, entry := range entries {
		if ok, err := filepath.Match(pattern, entry.Name()); err == nil && ok {
			found = append(found, filepath.Join(folder, entry.Name()))
		}
	}
	return found, nil
}

// isDue reports whether it is time for a checkpoint.
func (r *run) isDue() bool {
	c := r.config.Checkpoints
	return c.EverySteps > 0 && r.Step%c.EverySteps == 0 || c.Every > 0 && time.Since(r.savedAt) >= c.Every
}

// save writes a checkpoint of the current state, if checkpoints are on and the
// newest one is of another state.
func (r *run) save() error {
	now := [3]int{r.Step, r.Epoch, r.Batch}
	if r.config.Checkpoints.Folder == "" || r.saved != "" && r.savedState == now {
		return nil
	}
	started := time.Now()
	if err := r.checkWeights(); err != nil {
		return err
	}
	r.Elapsed = r.earlier + time.Since(r.begun)
	snapshot, err := r.snapshot()
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	path := filepath.Join(r.config.Checkpoints.Folder, checkpointName(r.Step))
	if err := snapshot.write(path); err != nil {
		return fmt.Errorf("train: %w; %s", err, lastGood(r.saved))
	}
	r.saved, r.savedState, r.savedAt = path, now, time.Now()
	if r.config.Observer.Checkpoint != nil {
		r.config.Observer.Checkpoint(CheckpointEvent{Path: path, Step: r.Step, Took: time.Since(started)})
	}
	return r.tidy()
}

// tidy removes what the folder need not keep: checkpoints but the newest,
// those of steps that this run has not reached (it went on from an older one
// because they are damaged), and files that a kill left half-written.
func (r *run) tidy() error {
	found, err := filesIn(r.config.Checkpoints.Folder, checkpointPattern)
	if err != nil {
		return err
	}
	newest := slices.Index(found, r.saved)
	remove, err := filesIn(r.config.Checkpoints.Folder, leftoverPattern)
	if err != nil {
		return err
	}
	for i, path := range found {
		if i > newest || i <= newest-kept {
			remove = append(remove, path)
		}
	}
	for _, path := range remove {
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}
