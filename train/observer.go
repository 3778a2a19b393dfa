package train

import "time"

// Observer hears how training goes, where it is not nil. Its functions are
// called by [Fit]'s goroutine, which waits for them.
type Observer struct {
	Resumed    func(Resumption)
	Step       func(StepEvent)
	Epoch      func(Epoch)
	Checkpoint func(CheckpointEvent)
}

// Resumption says where training was taken up.
type Resumption struct {
	Path    string  // the checkpoint
	Step    int     // steps taken before it
	Skipped []error // the newer checkpoints that were damaged, and how
}

// StepEvent is one step of training.
type StepEvent struct {
	Step           int // the number of this step; the first is 1
	Epoch          int // epochs completed before it
	Batch, Batches int // its number in its epoch, from 1, and how many there are
	Loss           float64
	Accuracy       float64 // of the batch, before the step
	LearningRate   float64
	PerSecond      float64       // examples, over this call of Fit
	Remaining      time.Duration // to the limit of epochs or steps, at the pace so far
}

// CheckpointEvent is a checkpoint written.
type CheckpointEvent struct {
	Path string
	Step int
	Took time.Duration
}
