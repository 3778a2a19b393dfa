package train

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
)

// AutoencoderConfig says how to train a variational autoencoder. Zero means
// none, or not: nothing has a default.
type AutoencoderConfig struct {
	vae.Config

	// Train is what the model learns from, before the model's preprocessing.
	// Labels are not used.
	Train dataset.Source

	// Checkpoints and Resume are as in [Config].
	Checkpoints Checkpoints
	Resume      bool

	// Resumed and OnStep, where they are not nil, hear how training goes, as
	// OnEpoch does.
	Resumed func(Resumption)
	OnStep  func(AutoencoderStep)
}

// AutoencoderStep is one step of training.
type AutoencoderStep struct {
	Step, Steps int // the number of this step, from 1, and how many there are
	vae.Terms
	PerSecond float64       // examples, over this call of FitAutoencoder
	Remaining time.Duration // at the pace so far
}

// autoencoderRun is one call of FitAutoencoder.
type autoencoderRun struct {
	*vae.Trainer
	config      *AutoencoderConfig
	fingerprint []field
	saved       string // the newest checkpoint that is good
	savedStep   int
	savedAt     time.Time
}

// FitAutoencoder trains a model whose Net is a [*vae.Model] in place, freezes
// its variance on the training data and sets its Training. Errors are those of
// [Fit]; one of a step whose numbers are not finite names the last good
// checkpoint.
func FitAutoencoder(ctx context.Context, model *modelfile.Model, config AutoencoderConfig) (*vae.Result, error) {
	r, err := newAutoencoderRun(model, &config)
	if err != nil {
		return nil, err
	}
	if err := r.begin(); err != nil {
		return nil, err
	}
	if err := r.loop(ctx); err != nil {
		return nil, err
	}
	if err := r.save(); err != nil {
		return nil, err
	}
	result, err := r.Finish(ctx)
	if ctx.Err() != nil {
		return nil, r.interrupted(ctx)
	} else if err != nil {
		return nil, err
	}
	last := result.Epochs[len(result.Epochs)-1]
	model.Training = modelfile.Training{
		Data: config.Train.Info().Name, Examples: config.Train.Len(), Epochs: len(result.Epochs), Steps: r.Steps(), BatchSize: config.BatchSize,
		Seed: config.Seed, Optimizer: describe(config.Step), Metrics: map[string]float64{"train_distortion": last.Distortion, "train_rate": last.Rate},
	}
	return result, nil
}

func newAutoencoderRun(model *modelfile.Model, config *AutoencoderConfig) (*autoencoderRun, error) {
	net, ok := model.Net.(*vae.Model[float32])
	switch c := config.Checkpoints; {
	case !ok:
		return nil, fmt.Errorf("train: a network of type %T: want a *vae.Model", model.Net)
	case config.Train == nil:
		return nil, errors.New("train: no training data: want Train")
	case c.EverySteps < 0 || c.Every < 0:
		return nil, fmt.Errorf("train: checkpoints every %d steps, every %v: want neither negative", c.EverySteps, c.Every)
	case c.Folder == "" && (config.Resume || c.EverySteps > 0 || c.Every > 0):
		return nil, errors.New("train: no folder for checkpoints: want Checkpoints.Folder")
	}
	if err := model.Validate(); err != nil {
		return nil, err
	}
	if err := takes(model, config.Train.Info()); err != nil {
		return nil, err
	}
	trainer, err := vae.NewTrainer(net, model.Preprocess.Source(config.Train), config.Config)
	if err != nil {
		return nil, err
	}
	r := &autoencoderRun{Trainer: trainer, config: config, savedAt: time.Now(), savedStep: -1}
	if r.fingerprint, err = describeNet(model); err != nil {
		return nil, err
	}
	data, err := describeSource(config.Train)
	if err != nil {
		return nil, err
	}
	c := config.Config
	r.fingerprint = append(r.fingerprint, []field{
		{"objective", describe(c.Objective)},
		{"epochs of warming up", fmt.Sprint(c.WarmUp)},
		{"frozen variance", c.Freeze.String()},
		{"batch size", fmt.Sprint(c.BatchSize)},
		{"seed", fmt.Sprint(c.Seed)},
		{"step", describe(c.Step)},
		{"training data", data},
	}...)
	return r, nil
}

// begin resumes from a checkpoint, or makes sure that there is none.
func (r *autoencoderRun) begin() error {
	path, c, skipped, err := newest[vae.State](r.config.Checkpoints.Folder, r.config.Resume, r.fingerprint)
	if err != nil || c == nil {
		return err
	}
	c.State.Arrays = map[string][]float32{}
	for name, x := range c.tensors {
		c.State.Arrays[name] = x.Data
	}
	if err := r.Restore(c.State); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	r.saved, r.savedStep = path, r.Steps()
	if r.config.Resumed != nil {
		r.config.Resumed(Resumption{Path: path, Step: r.Steps(), Skipped: skipped})
	}
	return nil
}

// loop takes the steps that are left.
func (r *autoencoderRun) loop(ctx context.Context) error {
	begun, first, size := time.Now(), r.Steps(), min(r.config.BatchSize, r.config.Train.Len())
	for r.Steps() < r.Total() {
		if ctx.Err() != nil {
			return r.interrupted(ctx)
		}
		terms, err := r.Step()
		if err != nil {
			return fmt.Errorf("%w; %s", err, lastGood(r.saved))
		}
		if r.config.OnStep != nil {
			taken, elapsed := r.Steps()-first, time.Since(begun)
			r.config.OnStep(AutoencoderStep{
				Step: r.Steps(), Steps: r.Total(), Terms: terms,
				PerSecond: float64(taken*size) / elapsed.Seconds(),
				Remaining: elapsed / time.Duration(taken) * time.Duration(r.Total()-r.Steps()),
			})
		}
		if r.config.Checkpoints.due(r.Steps(), r.savedAt) {
			if err := r.save(); err != nil {
				return err
			}
		}
	}
	return nil
}

// save writes a checkpoint of the current state, if checkpoints are on and the
// newest one is of another state.
func (r *autoencoderRun) save() error {
	folder := r.config.Checkpoints.Folder
	if folder == "" || r.savedStep == r.Steps() {
		return nil
	}
	c := &checkpoint[vae.State]{State: r.State(), Fingerprint: r.fingerprint, tensors: map[string]*tensor.Tensor[float32]{}}
	for name, x := range c.State.Arrays {
		if !allFinite(x) {
			return fmt.Errorf("train: step %d: %s is not finite; %s", r.Steps(), name, lastGood(r.saved))
		}
		c.tensors[name] = tensor.From(x, len(x))
	}
	path := filepath.Join(folder, checkpointName(r.Steps()))
	if err := c.write(path); err != nil {
		return fmt.Errorf("train: %w; %s", err, lastGood(r.saved))
	}
	r.saved, r.savedStep, r.savedAt = path, r.Steps(), time.Now()
	return tidy(folder, path)
}

// interrupted saves a checkpoint and says where training stopped.
func (r *autoencoderRun) interrupted(ctx context.Context) error {
	unsaved := r.save()
	s := r.State()
	perEpoch := r.Total() / r.config.Epochs
	return &InterruptedError{Step: s.Steps, Epoch: len(s.Epochs), Batch: s.Steps % perEpoch, Checkpoint: r.saved, Unsaved: unsaved, Err: ctx.Err()}
}
