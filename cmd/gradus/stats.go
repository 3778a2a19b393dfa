package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
)

type statsCommand struct {
	Model    string `arg:"" help:"A model that gradus train wrote, or an untrained network by its text, such as mlp:256x50."`
	Data     string `default:"glyphs" help:"A name from gradus data list, a folder, or a file."`
	Split    string `enum:"test,train" default:"test" help:"Which part: ${enum}. A single file is taken whole."`
	Examples int    `name:"n" default:"256" placeholder:"N" help:"Measure on N examples, drawn by the seed."`
	initFlag
	Mode       string `enum:"auto,training,evaluating" default:"auto" help:"What batch normalisation and dropout do: ${enum}. Auto is training for an untrained network, evaluating for a saved one."`
	Fixed      bool   `help:"Predict for the very weights, by the covariance of every two units, and not for the mean over draws: linear layers and activations only."`
	Seed       uint64 `default:"1" help:"Of the weights, of which examples, and of the gradient that is sent back."`
	Plot       string `type:"path" placeholder:"FILE" help:"Draw variance, gradient and likeness over the layers into FILE.svg or FILE.png."`
	Histograms string `type:"path" placeholder:"FILE" help:"Draw how outputs of the first, a middle and the last layer are distributed into FILE.svg or FILE.png."`
	JSON       bool   `name:"json" help:"Print one JSON object, with a histogram for each layer."`
	reportFlag
}

// Help is shown by gradus stats --help.
func (statsCommand) Help() string {
	return `Will it train at this depth? The command predicts mean and variance of every
layer's outputs, the likeness of different examples, and the gradient on its way
back from a random one at the output, and measures all of them on a batch. The
verdict names the layer where something first goes wrong, and what to do.

Examples:
  gradus stats mlp:256x50 --plot stats.svg
  gradus stats mlp:256x50 --init preserve
  gradus stats 'mlp:256x50;act=tanh' --init lecun:1.6667 --data mnist --json
  gradus stats digits --data mnist --fixed --report stats.html`
}

// Run predicts, measures, and reports.
func (c *statsCommand) Run(ctx context.Context, term *terminal) error {
	if err := c.check(); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(c.Seed, 0))
	model, source, err := c.open(ctx, term, rng)
	if err != nil {
		return err
	}
	table, examples, err := c.measure(ctx, term, model, source, rng)
	if err != nil {
		return err
	}
	result := &statsResult{flags: c, data: source.Info().Name, examples: examples, table: table, diagnosis: table.Diagnose()}
	return result.report(term)
}

// check checks the flags before any work is done.
func (c *statsCommand) check() error {
	if err := errors.Join(checkPicture("--plot", c.Plot), checkPicture("--histograms", c.Histograms), c.checkReport(), c.checkInit()); err != nil {
		return err
	}
	if c.Examples < 2 {
		return badInputf("--n %d: want at least 2, to tell examples apart", c.Examples)
	}
	if c.untrained() {
		return nil
	}
	if c.Init != defaultInit {
		return badInputf("--init %s: %s is a saved model, whose weights are drawn: want a network by its text, such as mlp:256x50", c.Init, c.Model)
	}
	return nil
}

// untrained reports whether the model is given by its text.
func (c *statsCommand) untrained() bool {
	_, err := os.Stat(c.Model)
	return err != nil && (c.Model == "linear" || strings.ContainsAny(c.Model, ":;"))
}

// standardizeOn is how many examples say what an untrained network's inputs are
// to be divided by.
const standardizeOn = 2000

// open opens the data and makes or loads the model.
func (c *statsCommand) open(ctx context.Context, term *terminal, rng *rand.Rand) (*modelfile.Model, dataset.Source, error) {
	if !c.untrained() {
		model, err := openModel(c.Model)
		if err != nil {
			return nil, nil, err
		}
		source, err := openFitting(model, term, c.Data, c.Split)
		return model, source, err
	}
	source, err := openPart(term, c.Data, c.Split)
	if err != nil {
		return nil, nil, err
	}
	info := source.Info()
	net, err := nn.Parse[float32](c.Model, info.Shape, max(1, len(info.Classes)), rng)
	if err != nil {
		return nil, nil, badInput(err)
	}
	watched, done := term.watch(dataset.First(source, standardizeOn))
	mean, std, err := dataset.Moments(ctx, watched)
	done()
	if err != nil {
		return nil, nil, asInput(ctx, err)
	}
	model := &modelfile.Model{Net: net, Input: info.Shape, Classes: info.Classes, Preprocess: modelfile.Standardize(mean, std)}
	return model, source, c.drawWeights(ctx, term, model, source, c.Seed, rng)
}

// mode is that of --mode.
func (c *statsCommand) mode() moments.Mode {
	if c.Mode == "training" || c.Mode == "auto" && c.untrained() {
		return moments.Training
	}
	return moments.Evaluating
}

// measure predicts and measures on a batch.
func (c *statsCommand) measure(ctx context.Context, term *terminal, m *modelfile.Model, source dataset.Source, rng *rand.Rand) (table *moments.Table, examples int, err error) {
	x, err := inputs(ctx, m, source, c.Examples, c.Seed)
	if err != nil {
		return nil, 0, asInput(ctx, err)
	}
	with := moments.Measure[float32]
	if c.Fixed {
		with = moments.MeasureFixed[float32]
	}
	defer term.working(func() string { return "following signal and gradient through " + c.Model })()
	err = interruptible(ctx, func() (err error) {
		table, err = with(m.Net, x, c.mode(), rng)
		return err
	})
	switch {
	case err != nil && c.Fixed && ctx.Err() == nil:
		return nil, 0, badInput(fmt.Errorf("--fixed: %w", err))
	case err != nil:
		return nil, 0, asInput(ctx, fmt.Errorf("%s: %w", c.Model, err))
	}
	return table, x.Shape[0], nil
}
