package train

import (
	"fmt"
	"time"
)

// state is everything of a run that is not an array: what a checkpoint holds
// beside weights and the optimiser's memory.
type state struct {
	Step    int           `json:"step"`  // steps taken
	Epoch   int           `json:"epoch"` // epochs completed
	Batch   int           `json:"batch"` // batches of the next epoch that were used
	Running running       `json:"running"`
	Random  []byte        `json:"random"` // of the generator that Dropout draws from
	Best    *best         `json:"best,omitempty"`
	Waited  int           `json:"waited"` // epochs since the best
	History History       `json:"history"`
	Elapsed time.Duration `json:"elapsed"`
}

// running sums up the epoch in progress.
type running struct {
	Loss     float64 `json:"loss"` // Σ over batches of mean loss × examples
	Right    int     `json:"right"`
	Examples int     `json:"examples"`
}

func (r running) score() Score {
	return Score{r.Loss / float64(r.Examples), float64(r.Right) / float64(r.Examples)}
}

// best says which epoch was the best; its weights are arrays and kept apart.
type best struct {
	Epoch int   `json:"epoch"`
	Step  int   `json:"step"`
	Score Score `json:"score"`
}

// improves reports whether a score is better than the best by more than
// minDelta.
func (b *best) improves(s Score, q Quantity, minDelta float64) bool {
	return b == nil || s.of(q) < b.Score.of(q)-minDelta
}

// check refuses a state that no run of so many batches an epoch can be in.
func (s *state) check(batches int) error {
	switch {
	case s.Step < 0 || s.Epoch < 0 || s.Batch < 0 || s.Waited < 0 || s.Elapsed < 0:
		return fmt.Errorf("a negative count: step %d, epoch %d, batch %d, %d epochs waited, %v elapsed", s.Step, s.Epoch, s.Batch, s.Waited, s.Elapsed)
	case s.Batch > batches:
		return fmt.Errorf("batch %d: want at most the %d of an epoch", s.Batch, batches)
	case (s.Running.Examples > 0) != (s.Batch > 0):
		return fmt.Errorf("batch %d after %d examples", s.Batch, s.Running.Examples)
	case (s.Best != nil) != (s.Epoch > 0):
		return fmt.Errorf("%d epochs and the best of them %+v", s.Epoch, s.Best)
	case s.History.Stride < 1:
		return fmt.Errorf("samples of every %d steps", s.History.Stride)
	}
	return nil
}
