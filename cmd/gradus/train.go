package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"github.com/alecthomas/kong"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/train"
)

// trainFlags describe a run; they are saved with it, and --resume reads them.
type trainFlags struct {
	Data   string `default:"glyphs" help:"What to learn from: a name from gradus data list, a folder, or a file."`
	Model  string `default:"mlp:256,128" placeholder:"SPEC" help:"The network, such as linear, mlp:512,256, mlp:256x50 or cnn:32,64/128 (default: ${default})."`
	Epochs int    `default:"5" help:"Times through the data."`
	Batch  int    `default:"128" help:"Examples in a step."`
	initFlag
	optimizerFlags
	adversarialFlags
	binaryFlags
	LabelSmoothing float64 `default:"0" placeholder:"A" help:"Mix the labels with the uniform distribution, 0 ≤ A < 1."`
	Balance        bool    `help:"Weight each class in the loss by the inverse of its frequency; the model remembers that its prior is then uniform, which gradus shift takes into account."`
	Prune          bool    `help:"Take out of the trained network what its penalty drove to exactly zero; the outputs stay the same."`
	Refit          int     `default:"0" placeholder:"EPOCHS" help:"After --prune, train what is left for so many epochs without the penalty, which holds it back."`
	Augment        bool    `help:"Move, bend and dim the training pictures a little."`
	Seed           uint64  `default:"1" help:"Same seed, same bits, on any number of cores."`
	Validation     float64 `default:"0" placeholder:"FRACTION" help:"Hold this part of the training data out and measure on it after each epoch."`
	Patience       int     `default:"0" placeholder:"EPOCHS" help:"Stop after so many epochs without improvement (needs --validation)."`
	KeepBest       bool    `help:"Keep the weights of the best epoch instead of the last (needs --validation)."`
}

type trainCommand struct {
	trainFlags
	Out string `type:"path" placeholder:"DIR" help:"Folder for the model (default: gradus-model, or gradus-model-2, …)."`
	runFlags
	JSON bool `name:"json" help:"One JSON object a line; the last has accuracy, loss, seconds and model."`
	reportFlag
}

// Help is shown by gradus train --help.
func (trainCommand) Help() string {
	return `Without flags it trains on digits that it draws itself, needing no files.

Examples:
  gradus train
  gradus train --data mnist --model mlp:512,256 --out digits --report digits.html
  gradus train --resume digits
  gradus train --data mnist --model 'cnn:32,64/128;bn;act=gelu;dropout=0.1'
  gradus train --optimizer momentum --penalty group:0.003 --prune --refit 3
  gradus train --estimator ema:0.1 --penalty l2:1e-4 --decay proximal
  gradus train --estimator heavy-ball:0.9 --penalty 'norm:0.01*sqrt(r)'
  gradus train --data mnist --model mlp:128x50 --init preserve
  gradus train --data mnist --model cnn:16,32/128 --adversarial pgd:0.3,10
  gradus train --data mnist --model mlp:512,512 --binary sign --bits

The fourth model has two convolutions of 32 and 64 filters, each followed by
pooling, then a hidden layer of 128 with dropout; batch normalisation and GELU
throughout. The runs after it choose the training step in parts: an estimator of
the direction, a penalty that is solved exactly, a geometry. The next has 50
hidden layers, and learns nothing from weights that are drawn by default: gradus
stats mlp:128x50 says why. The next learns from attacked examples, within a
distance that rises to 0.3: without the rise a network that knows nothing yet
learns nothing. The last has weights of one bit.

Ctrl-C stops at the next step and writes a checkpoint; --resume then ends with
the same weights, to the last bit, as a run that was never interrupted.`
}

// trainingRun is a training run about to start.
type trainingRun struct {
	runFolder
	flags  trainFlags
	model  *modelfile.Model
	test   dataset.Source
	config train.Config
	pruned *pruning // what --prune did
}

// maxEpochs keeps the number of steps far from what an int holds.
const maxEpochs = 1 << 30

// Run trains, evaluates and saves.
func (c *trainCommand) Run(ctx context.Context, term *terminal, parsed *kong.Context) error {
	if err := checkResume(parsed, c.Resume, "report"); err != nil {
		return err
	}
	r, err := c.prepare(ctx, term)
	if err != nil {
		return err
	}
	if err := r.checkPictures(c.Plot, c.reportFlag); err != nil {
		return err
	}
	if err := r.claim(&r.flags.Data, &r.flags); err != nil {
		return err
	}
	progress := newTrainProgress(term, c.JSON, r)
	r.config.Observer = progress.observer()
	if err := progress.begin(); err != nil {
		return err
	}
	start := time.Now()
	result, err := train.Fit(ctx, r.model, r.config)
	if err == nil && r.flags.Prune {
		result, err = r.pruneAndRefit(ctx, result, progress)
	}
	seconds := time.Since(start).Seconds()
	progress.finish()
	if err != nil {
		return r.explain(err)
	}
	if err := r.recalibrate(ctx); err != nil {
		return r.unsaved(err)
	}
	test, measured := term.watch(r.test)
	metrics, err := train.Evaluate(ctx, r.model, test)
	measured()
	if err != nil {
		return r.unsaved(err)
	}
	attacked, err := r.attacked(ctx, term)
	if err != nil {
		return r.unsaved(err)
	}
	if err := r.save(result, metrics); err != nil {
		return r.unsaved(err)
	}
	plot := c.Plot
	var undrawn error
	if plot != "" {
		if undrawn = savePicture(plot, curve(r, result.History, metrics)); undrawn != nil {
			plot = ""
		}
	}
	t := trained{run: r, history: result.History, metrics: metrics, attacked: attacked, seconds: seconds}
	undrawn = errors.Join(undrawn, c.saveReport(term, t.page))
	return errors.Join(progress.done(metrics, attacked, seconds, plot), undrawn)
}

// prepare opens everything and checks it, before any work is done.
func (c *trainCommand) prepare(ctx context.Context, term *terminal) (*trainingRun, error) {
	r := &trainingRun{flags: c.trainFlags, runFolder: runFolder{command: "gradus train", flagsFile: trainFlagsFile}}
	if err := r.choose(c.runFlags, c.Out, "gradus-model", &r.flags); err != nil {
		return nil, err
	}
	f := r.flags
	if err := f.checkInit(); err != nil {
		return nil, err
	}
	switch {
	case f.Epochs < 1 || f.Epochs > maxEpochs:
		return nil, badInputf("--epochs %d: want 1 to %d", f.Epochs, maxEpochs)
	case f.Batch < 1:
		return nil, badInputf("--batch %d: want at least 1", f.Batch)
	case f.Validation == 0 && (f.Patience > 0 || f.KeepBest):
		return nil, badInputf("--patience and --keep-best compare epochs on held-out data: give --validation too, such as 0.1")
	case !(f.Validation >= 0 && f.Validation < 1):
		return nil, badInputf("--validation %v: want a fraction from 0 to 1", f.Validation)
	}
	opened := term.working(func() string { return "reading " + f.Data })
	source, test, err := openBoth(f.Data, f.Seed)
	opened()
	if err != nil {
		return nil, err
	}
	info := source.Info()
	if len(info.Classes) < 2 {
		return nil, badInputf("%s: the classes are %q: want two or more to tell apart", info.Name, info.Classes)
	}
	rng := rand.New(rand.NewPCG(f.Seed, 0))
	net, err := nn.Parse[float32](f.Model, info.Shape, len(info.Classes), rng)
	if err != nil {
		return nil, badInput(fmt.Errorf("--model: %w", err))
	}
	if net, err = f.binary(net, rng); err != nil {
		return nil, err
	}
	watched, done := term.watch(source)
	mean, std, err := dataset.Moments(ctx, watched)
	done()
	if err != nil {
		return nil, err
	}
	r.test = test
	r.model = &modelfile.Model{Net: net, Input: info.Shape, Classes: info.Classes, Preprocess: modelfile.Standardize(mean, std)}
	learned := max(1, source.Len()-int(math.Round(f.Validation*float64(source.Len()))))
	perEpoch := (learned-1)/f.Batch + 1
	steps := f.Epochs * perEpoch
	step, groups, err := f.build(net, steps)
	if err != nil {
		return nil, err
	}
	adversarial, err := f.adversarial(steps, validBox(info.Shape), f.Seed)
	if err != nil {
		return nil, err
	}
	if err := f.checkPrune(net, perEpoch); err != nil {
		return nil, err
	}
	r.config = train.Config{
		Train: source, HoldOut: f.Validation, BatchSize: f.Batch, Shuffle: true, Seed: f.Seed,
		Step: step, Groups: f.binaryGroups(groups, steps), Epochs: f.Epochs, LabelSmoothing: f.LabelSmoothing, Balance: f.Balance, Adversarial: adversarial,
		Monitor: train.Accuracy, Patience: f.Patience, KeepBest: f.KeepBest,
		Checkpoints: c.checkpoints(&r.runFolder),
		Resume:      r.resume,
	}
	if f.recalibrates() {
		r.config.BeforeValidation = r.recalibrate
	}
	if f.Augment {
		r.config.Augment = dataset.Distort{Shift: 1.5, Rotate: 8, Scale: 0.08, Shear: 0.08, Brightness: 0.1}
		if err := r.config.Augment.Accepts(info); err != nil {
			return nil, badInput(fmt.Errorf("--augment: %w", err))
		}
	}
	if err := r.config.Validate(r.model); err != nil {
		return nil, badInput(err)
	}
	return r, f.drawWeights(ctx, term, r.model, source, f.Seed, rng)
}

// openBoth opens the training data and what to measure the result on: the test
// part if there is one, else a tenth of the training part.
func openBoth(path string, seed uint64) (source, test dataset.Source, err error) {
	if source, err = dataset.Open(path, dataset.Train); err != nil {
		return nil, nil, badInput(err)
	}
	if test, err = dataset.Open(path, dataset.Test); err == nil {
		return source, test, nil
	}
	var undivided *dataset.NoSplitError
	if !errors.As(err, &undivided) && !errors.Is(err, fs.ErrNotExist) {
		return nil, nil, badInput(err)
	}
	if n := source.Len(); n < 5 {
		return nil, nil, badInputf("%s: %d examples: want at least 5, to hold out a tenth for the result", path, n)
	}
	source, test, err = dataset.HoldOut(source, 0.1, seed)
	return source, test, badInput(err)
}

// unusedFolder returns name, or the first of name-2, name-3, … that does not
// exist.
func unusedFolder(name string) string {
	folder := name
	for i := 2; ; i++ {
		if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
			return folder
		}
		folder = fmt.Sprintf("%s-%d", name, i)
	}
}
