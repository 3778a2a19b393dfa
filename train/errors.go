package train

import (
	"fmt"
	"strings"
)

// InterruptedError says that the context was cancelled and where training
// stood then. It wraps the context's error.
type InterruptedError struct {
	Step, Epoch, Batch int    // steps taken, epochs completed, batches of the next one
	Checkpoint         string // where the state is, or empty if checkpoints are off
	Unsaved            error  // why the state could not be saved there, so that Checkpoint is an older one
	Err                error
}

// Error says where training stopped.
func (e *InterruptedError) Error() string {
	text := fmt.Sprintf("train: stopped after step %d, in epoch %d after batch %d: %v", e.Step, e.Epoch+1, e.Batch, e.Err)
	if e.Unsaved != nil {
		text += fmt.Sprintf("; this state is lost: %v", e.Unsaved)
	}
	if e.Checkpoint != "" {
		text += "; resume from " + e.Checkpoint
	}
	return text
}

// Unwrap returns the context's error, and why the state could not be saved.
func (e *InterruptedError) Unwrap() []error { return []error{e.Err, e.Unsaved} }

// DivergenceError says that a number is infinite or not a number. A step whose
// loss or gradient is so is not taken: the model keeps the weights it had.
type DivergenceError struct {
	Step       int     // the step concerned; the first is 1
	Loss       float64 // its loss
	Where      string  // the first place with such a number, such as "the output of layer 2 (linear)"
	Checkpoint string  // the last good checkpoint, or empty if there is none
}

// Error names the step, the place and the checkpoint.
func (e *DivergenceError) Error() string {
	return fmt.Sprintf("train: step %d: loss %g: the first number that is not finite is in %s; %s", e.Step, e.Loss, e.Where, lastGood(e.Checkpoint))
}

func lastGood(checkpoint string) string {
	if checkpoint == "" {
		return "there is no checkpoint"
	}
	return "the last good checkpoint is " + checkpoint
}

// MismatchError says that a checkpoint is of a run with another configuration.
type MismatchError struct {
	Path  string // the checkpoint
	Field string // what differs
	Got   string // in the checkpoint
	Want  string // in the configuration
}

// Error names the field and both values.
func (e *MismatchError) Error() string {
	return fmt.Sprintf("%s: the checkpoint has %s %s: this run has %s", e.Path, e.Field, e.Got, e.Want)
}

// DamagedError says that a folder holds checkpoints and none of them is sound.
type DamagedError struct {
	Folder  string
	Reasons []error // one for each, the newest first
}

// Error lists the reasons.
func (e *DamagedError) Error() string {
	reasons := make([]string, len(e.Reasons))
	for i, err := range e.Reasons {
		reasons[i] = err.Error()
	}
	return fmt.Sprintf("%s: no sound checkpoint among %d: %s", e.Folder, len(e.Reasons), strings.Join(reasons, "; "))
}

// Unwrap returns the reasons.
func (e *DamagedError) Unwrap() []error { return e.Reasons }
