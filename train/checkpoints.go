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
	path, c, skipped, err := newest[state](r.config.Checkpoints.Folder, r.config.Resume, r.fingerprint)
	if err != nil || c == nil {
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

// newest returns the newest sound checkpoint in a folder, which it makes if
// need be, and why newer ones were passed over; nil where there is none. One of
// another run, and any that is not to be resumed, is an error.
func newest[S any](folder string, resume bool, fingerprint []field) (path string, c *checkpoint[S], skipped []error, err error) {
	if folder == "" {
		return "", nil, nil, nil
	}
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return "", nil, nil, err
	}
	found, err := filesIn(folder, checkpointPattern)
	if err != nil || len(found) == 0 {
		return "", nil, nil, err
	}
	if !resume {
		return "", nil, nil, fmt.Errorf("train: %s already holds a checkpoint: resume from it, or choose another folder", found[len(found)-1])
	}
	for _, path := range slices.Backward(found) {
		c, err := readCheckpoint[S](path)
		if err != nil {
			skipped = append(skipped, err)
			continue
		}
		return path, c, skipped, compare(path, c.Fingerprint, fingerprint)
	}
	return "", nil, nil, &DamagedError{Folder: folder, Reasons: skipped}
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
func (r *run) isDue() bool { return r.config.Checkpoints.due(r.Step, r.savedAt) }

func (c Checkpoints) due(step int, saved time.Time) bool {
	return c.EverySteps > 0 && step%c.EverySteps == 0 || c.Every > 0 && time.Since(saved) >= c.Every
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
	return tidy(r.config.Checkpoints.Folder, path)
}

// tidy removes what the folder need not keep: checkpoints but the newest,
// which was just saved, those of steps that this run has not reached (it went
// on from an older one because they are damaged), and files that a kill left
// half-written.
func tidy(folder, saved string) error {
	found, err := filesIn(folder, checkpointPattern)
	if err != nil {
		return err
	}
	newest := slices.Index(found, saved)
	remove, err := filesIn(folder, leftoverPattern)
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
