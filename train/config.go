package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/optim"
)

// Config says how to train. Zero means none, or not: nothing has a default.
type Config struct {
	// Train is what the model learns from. Validation, if there is one, is
	// what it is measured on after each epoch. Where Validation is nil, the
	// fraction HoldOut of Train is split off for it, by [dataset.HoldOut].
	Train, Validation dataset.Source
	HoldOut           float64

	// BeforeValidation, where it is not nil, is called before the model is
	// validated, and may change its parameters and buffers for that, such as
	// the statistics of normalisations. Training then goes on with those it
	// had, and is left with them.
	BeforeValidation func(context.Context) error

	// How batches are made: see [dataset.Loader]. Seed also decides what is
	// held out and what Dropout drops.
	BatchSize int
	Shuffle   bool
	DropLast  bool
	Augment   dataset.Augment
	Seed      uint64

	// Step is the step of every parameter that is in none of Groups.
	Step   optim.Step[float32]
	Groups []optim.Group[float32]

	// Training ends after so many epochs or steps, whichever is first; 0 sets
	// no limit, but one of them is set.
	Epochs, Steps int

	// The loss is losses.CrossEntropy with these options.
	LabelSmoothing float64
	ClassWeights   []float64

	// Balance sets ClassWeights, which are then to be nil, to the inverse of
	// the classes' frequencies in what is learned from: n/(classes·n_c). The
	// model's Priors are then uniform.
	Balance bool

	// Adversarial, where it is not nil, attacks each batch before it is
	// learned from.
	Adversarial *Adversarial

	// Monitor is the quantity that says which epoch is best: of the validation
	// source if there is one, else of training. An epoch is better than the
	// best so far if it is so by more than MinDelta. After Patience epochs
	// in a row that are not, training ends; 0 goes on.
	Monitor  Quantity
	MinDelta float64
	Patience int

	// KeepBest leaves the model with the weights of the best epoch instead of
	// the last ones.
	KeepBest bool

	Checkpoints Checkpoints

	// Resume continues from the newest sound checkpoint in
	// Checkpoints.Folder; if there is none, training begins at the beginning.
	// Without it the folder must hold no checkpoint.
	Resume bool

	Observer Observer
}

// Quantity is what can be monitored.
type Quantity int

// The quantities.
const (
	Loss     Quantity = iota // the mean cross-entropy: lower is better
	Accuracy                 // the fraction of examples whose largest logit is their label's: higher is better
)

// String is "loss" or "accuracy".
func (q Quantity) String() string {
	switch q {
	case Loss:
		return "loss"
	case Accuracy:
		return "accuracy"
	}
	return fmt.Sprintf("Quantity(%d)", int(q))
}

// Checkpoints says where and when the state of training is saved. It is also
// saved when training ends and when its context is cancelled. Two checkpoints
// are kept.
type Checkpoints struct {
	Folder     string        // where; empty for no checkpoints
	EverySteps int           // after each so many steps; 0 for not by steps
	Every      time.Duration // after so much time; 0 for not by time
}

// Validate says before [Fit] does what is wrong with the fields, and with what
// they leave of the data, for a program that has work to do between asking and
// training. Only Step and Groups, which package optim checks, it leaves to Fit.
func (c *Config) Validate(model *modelfile.Model) error {
	if err := c.validate(model); err != nil {
		return err
	}
	data, _, err := c.divide()
	if err != nil {
		return err
	}
	if c.Balance {
		if _, err := balance(data); err != nil {
			return err
		}
	}
	return c.loader(data).Validate()
}

// divide returns what is learned from and what is validated on, nil for
// nothing.
func (c *Config) divide() (learned, validation dataset.Source, err error) {
	if c.HoldOut > 0 {
		return dataset.HoldOut(c.Train, c.HoldOut, c.Seed)
	}
	return c.Train, c.Validation, nil
}

func (c *Config) loader(source dataset.Source) dataset.Loader {
	return dataset.Loader{Source: source, BatchSize: c.BatchSize, Shuffle: c.Shuffle, Seed: c.Seed, Augment: c.Augment, DropLast: c.DropLast}
}

// validate checks what does not need the data to be read.
func (c *Config) validate(model *modelfile.Model) error {
	switch {
	case c.Train == nil:
		return errors.New("train: no training data: want Train")
	case c.Validation != nil && c.HoldOut != 0:
		return fmt.Errorf("train: validation data and a held-out fraction of %g: want one of them", c.HoldOut)
	case c.HoldOut < 0 || c.HoldOut >= 1 || math.IsNaN(c.HoldOut):
		return fmt.Errorf("train: a held-out fraction of %g: want one in [0, 1)", c.HoldOut)
	case c.Epochs < 0 || c.Steps < 0:
		return fmt.Errorf("train: %d epochs, %d steps: want neither negative", c.Epochs, c.Steps)
	case c.Epochs == 0 && c.Steps == 0:
		return errors.New("train: no end: want Epochs, Steps or both")
	case !(c.LabelSmoothing >= 0 && c.LabelSmoothing < 1):
		return fmt.Errorf("train: label smoothing of %g: want one in [0, 1)", c.LabelSmoothing)
	case c.Monitor != Loss && c.Monitor != Accuracy:
		return fmt.Errorf("train: monitor %v: want Loss or Accuracy", c.Monitor)
	case !(c.MinDelta >= 0) || math.IsInf(c.MinDelta, 1):
		return fmt.Errorf("train: a least improvement of %g: want a finite number from 0", c.MinDelta)
	case c.Patience < 0:
		return fmt.Errorf("train: a patience of %d epochs: want 0 or more", c.Patience)
	case c.Checkpoints.EverySteps < 0 || c.Checkpoints.Every < 0:
		return fmt.Errorf("train: checkpoints every %d steps, every %v: want neither negative", c.Checkpoints.EverySteps, c.Checkpoints.Every)
	case c.Checkpoints.Folder == "" && (c.Resume || c.Checkpoints.EverySteps > 0 || c.Checkpoints.Every > 0):
		return errors.New("train: no folder for checkpoints: want Checkpoints.Folder")
	}
	if c.Adversarial != nil {
		if err := c.Adversarial.validate(); err != nil {
			return err
		}
	}
	if err := model.Validate(); err != nil {
		return err
	}
	if len(model.Classes) < 2 {
		return fmt.Errorf("train: a model of %d classes: want at least 2", len(model.Classes))
	}
	if c.ClassWeights != nil && c.Balance {
		return errors.New("train: class weights and balance, which sets them: want one of the two")
	}
	if c.ClassWeights != nil && len(c.ClassWeights) != len(model.Classes) {
		return fmt.Errorf("train: %d class weights for %d classes: want one for each", len(c.ClassWeights), len(model.Classes))
	}
	for i, w := range c.ClassWeights {
		if !(w > 0) || math.IsInf(w, 1) {
			return fmt.Errorf("train: weight %g of class %q: want a finite number above 0", w, model.Classes[i])
		}
	}
	for _, source := range []dataset.Source{c.Train, c.Validation} {
		if source != nil {
			if err := fits(model, source.Info()); err != nil {
				return err
			}
		}
	}
	return nil
}

// fits says why a source's examples are not what the model takes.
func fits(model *modelfile.Model, info dataset.Info) error {
	if err := takes(model, info); err != nil {
		return err
	}
	if len(info.Classes) != len(model.Classes) {
		return fmt.Errorf("train: %s has %d classes: the model has %d", info.Name, len(info.Classes), len(model.Classes))
	}
	for i, name := range info.Classes {
		if name != model.Classes[i] {
			return fmt.Errorf("train: class %d of %s is %q: the model's is %q", i, info.Name, name, model.Classes[i])
		}
	}
	return nil
}

// takes says why a source's examples have not the model's shape.
func takes(model *modelfile.Model, info dataset.Info) error {
	if !slices.Equal(info.Shape, model.Input) {
		return fmt.Errorf("train: %s has examples of shape %v: the model takes %v", info.Name, info.Shape, model.Input)
	}
	return nil
}
