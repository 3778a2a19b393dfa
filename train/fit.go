package train

import (
	"context"
	"time"

	"github.com/gradus-ml/gradus/modelfile"
)

// Reason says why training ended.
type Reason string

// The reasons.
const (
	EpochsDone    Reason = "epochs"         // the limit of epochs was reached
	StepsDone     Reason = "steps"          // the limit of steps was reached
	NoImprovement Reason = "no improvement" // patience was exhausted
)

// Result is what training came to.
type Result struct {
	Steps   int           `json:"steps"`  // taken, over all calls that resumed one another
	Epochs  int           `json:"epochs"` // completed
	Reason  Reason        `json:"reason,omitempty"`
	Elapsed time.Duration `json:"elapsed_ns"`
	History History       `json:"history"`

	// BestEpoch is the number of the best epoch, from 1, and BestStep the step
	// that ended it; 0 if no epoch was completed.
	BestEpoch int `json:"best_epoch,omitempty"`
	BestStep  int `json:"best_step,omitempty"`

	// Validation measures the weights that the model was left with, where
	// there is validation data.
	Validation *Metrics `json:"validation,omitempty"`
}

// Fit trains the model in place. It also sets the model's Priors, from the
// training data and the class weights, and its Training.
//
// What is wrong with the configuration, and whether its parts fit together, is
// found before anything is trained. Later a cancelled context ends in an
// [*InterruptedError] after the step in progress, numbers that are not finite
// in a [*DivergenceError]; the result then tells how far training came.
// Resuming may end in a [*MismatchError] or [*DamagedError], which leave the
// model as it was.
func Fit(ctx context.Context, model *modelfile.Model, config Config) (*Result, error) {
	r, err := newRun(model, config)
	if err != nil {
		return nil, err
	}
	if err := r.begin(); err != nil {
		return nil, err
	}
	if err := r.describeModel(); err != nil {
		return nil, err
	}
	reason, err := r.loop(ctx)
	if err == nil {
		err = r.finish(ctx)
	}
	return r.result(reason), err
}

// loop trains epoch by epoch until a limit is reached.
func (r *run) loop(ctx context.Context) (Reason, error) {
	for {
		if reason, ended := r.ended(); ended {
			return reason, r.save()
		}
		if err := r.epoch(ctx); err != nil {
			return "", err
		}
	}
}

// epoch goes on from the current batch to the end of the epoch or of training.
func (r *run) epoch(ctx context.Context) error {
	for batch, err := range r.loader.Batches(ctx, r.Epoch, r.Batch) {
		if ctx.Err() != nil {
			return r.interrupted(ctx)
		} else if err != nil {
			return err
		}
		if err := r.step(ctx, batch); err != nil && ctx.Err() != nil {
			return r.interrupted(ctx)
		} else if err != nil {
			return err
		}
		if r.isDue() {
			if err := r.save(); err != nil {
				return err
			}
		}
		if r.config.Steps > 0 && r.Step >= r.config.Steps {
			break
		}
	}
	if r.Batch < r.loader.Len() {
		return nil
	}
	if err := r.closeEpoch(ctx); ctx.Err() != nil && err != nil {
		return r.interrupted(ctx) // the epoch is closed when training resumes
	} else if err != nil {
		return err
	}
	r.Epoch, r.Batch, r.Running = r.Epoch+1, 0, running{}
	return nil
}

// closeEpoch validates, and enters the epoch in the history.
func (r *run) closeEpoch(ctx context.Context) error {
	e := Epoch{Epoch: r.Epoch + 1, Step: r.Step, Train: r.Running.score()}
	score := e.Train
	if r.validation != nil {
		metrics, err := r.validate(ctx)
		if err != nil {
			return err
		}
		score = metrics.Score()
		e.Validation = &score
	}
	r.Waited++
	if r.Best.improves(score, r.config.Monitor, r.config.MinDelta) {
		e.Best = true
		r.Best, r.Waited = &best{e.Epoch, r.Step, score}, 0
		if r.config.KeepBest {
			r.bestWeights = copyWeights(r.bestWeights, r.weights)
		}
	}
	r.History.Epochs = append(r.History.Epochs, e)
	if r.config.Observer.Epoch != nil {
		r.config.Observer.Epoch(e)
	}
	return nil
}

// validate measures the current weights on the validation data.
func (r *run) validate(ctx context.Context) (*Metrics, error) {
	if before := r.config.BeforeValidation; before != nil {
		r.trained = copyWeights(r.trained, r.weights)
		defer copyWeights(r.weights, r.trained)
		if err := before(ctx); err != nil {
			return nil, err
		}
	}
	metrics, err := evaluate(ctx, r.model, r.predictor, r.validation, nil)
	if err != nil {
		return nil, err
	}
	if !finite(metrics.Loss) {
		return nil, &DivergenceError{Step: r.Step, Loss: metrics.Loss, Where: "the loss on the validation data", Checkpoint: r.saved}
	}
	r.measured, r.measuredAt = metrics, r.Step
	return metrics, nil
}

// finish closes an epoch that a limit of steps has cut short, leaves the model
// with the weights it is to keep, and measures them. The checkpoint written
// before knows of none of this: a run with a higher limit can go on from it.
func (r *run) finish(ctx context.Context) error {
	if err := r.checkWeights(); err != nil {
		return err
	}
	if r.Batch > 0 {
		if err := r.closeEpoch(ctx); err != nil {
			return r.unfinished(ctx, err)
		}
	}
	step := r.Step
	if r.config.KeepBest && r.Best != nil {
		step = r.Best.Step
		copyWeights(r.weights, r.bestWeights)
	}
	if r.validation != nil && (r.measured == nil || r.measuredAt != step) {
		if _, err := r.validate(ctx); err != nil {
			return r.unfinished(ctx, err)
		}
	}
	t := &r.model.Training
	t.Epochs, t.Steps, t.Metrics = r.Epoch, r.Step, map[string]float64{}
	for _, e := range r.History.Epochs {
		if e.Step == step {
			t.Metrics["train_loss"], t.Metrics["train_accuracy"] = e.Train.Loss, e.Train.Accuracy
		}
	}
	if r.validation != nil {
		t.Metrics["validation_loss"], t.Metrics["validation_accuracy"] = r.measured.Loss, r.measured.Accuracy
	}
	return nil
}

// unfinished turns a cancelled context's error into one that names the last
// checkpoint, from which finish is all that is left to do.
func (r *run) unfinished(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return &InterruptedError{Step: r.Step, Epoch: r.Epoch, Batch: r.Batch, Checkpoint: r.saved, Err: ctx.Err()}
}

// interrupted saves a checkpoint and says where training stopped.
func (r *run) interrupted(ctx context.Context) error {
	unsaved := r.save()
	return &InterruptedError{Step: r.Step, Epoch: r.Epoch, Batch: r.Batch, Checkpoint: r.saved, Unsaved: unsaved, Err: ctx.Err()}
}

func (r *run) result(reason Reason) *Result {
	result := &Result{
		Steps: r.Step, Epochs: r.Epoch, Reason: reason, Elapsed: r.earlier + time.Since(r.begun), History: r.History, Validation: r.measured,
	}
	if r.Best != nil {
		result.BestEpoch, result.BestStep = r.Best.Epoch, r.Best.Step
	}
	return result
}
