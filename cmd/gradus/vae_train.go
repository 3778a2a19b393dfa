package main

import (
	"context"
	"errors"
	"io/fs"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/train"
	"github.com/gradus-ml/gradus/vae"
)

// vaeFlags describe a run; they are saved with it, and --resume and the other
// commands read them.
type vaeFlags struct {
	Data        string  `default:"glyphs" help:"What to learn from: a name from gradus data list, a folder, or a file: IDX, CSV or NPY. Labels are not used."`
	Hidden      []int   `default:"256" placeholder:"N,…" help:"Hidden layers of the encoder; the decoder mirrors them (default: ${default})."`
	Latent      int     `default:"16" placeholder:"N" help:"Units of the code (default: ${default})."`
	Likelihood  string  `enum:"gaussian,bernoulli" default:"gaussian" help:"What the decoder says of a number: ${enum}."`
	Mean        string  `enum:"auto,linear,sigmoid" default:"auto" help:"Of a Gaussian decoder: ${enum}. A sigmoid keeps it from 0 to 1; auto is a sigmoid for pictures of such values."`
	Variance    string  `placeholder:"HOW" help:"Of a Gaussian decoder: shared, per-dimension, per-example (these are solved for), learned, or fixed:V (default: shared)."`
	MinVariance float64 `default:"1e-4" placeholder:"V" help:"The least that a solved variance may be (default: ${default})."`
	Beta        float64 `default:"1" help:"Weight of the rate; 1 is the bound."`
	FreeBits    float64 `default:"0" placeholder:"NATS" help:"What each unit may use at no gain in being less."`
	WarmUp      int     `default:"0" placeholder:"EPOCHS" help:"Raise beta from 0 over so many epochs."`
	Epochs      int     `default:"10" help:"Times through the data."`
	Batch       int     `default:"64" help:"Examples in a step."`
	LR          float64 `name:"lr" default:"0.003" placeholder:"RATE" help:"Learning rate of Adam, which falls as a cosine (default: ${default})."`
	Seed        uint64  `default:"1" help:"Same seed, same bits, on any number of cores."`
}

type vaeTrain struct {
	vaeFlags
	Out string `type:"path" placeholder:"DIR" help:"Folder for the model (default: gradus-vae, or gradus-vae-2, …)."`
	runFlags
	JSON bool `name:"json" help:"One JSON object a line; the last is the ledger of held-out data."`
	reportFlag
}

// Help is shown by gradus vae train --help.
func (vaeTrain) Help() string {
	return `Without flags it trains on digits that it draws itself, needing no files. The
variance of the decoder is solved for in every step, so that there is no weight
of the two terms to tune.

Examples:
  gradus vae train
  gradus vae train --data mnist --variance per-dimension --out digits --report digits.html
  gradus vae train --data mnist --variance fixed:392 --out collapsed
  gradus vae train --data rows.csv --hidden 32,16 --latent 4 --likelihood gaussian
  gradus vae train --resume digits

A squared error averaged over 784 pixels is a variance of 392: the third shows
what comes of it.`
}

// vaeRun is a training run about to start.
type vaeRun struct {
	runFolder
	flags  vaeFlags
	model  *modelfile.Model
	test   dataset.Source
	config train.AutoencoderConfig
}

// prepare opens everything and checks it, before any work is done.
func (c *vaeTrain) prepare(ctx context.Context, term *terminal) (*vaeRun, error) {
	r := &vaeRun{flags: c.vaeFlags, runFolder: runFolder{command: "gradus vae train", flagsFile: vaeFlagsFile}}
	if err := r.choose(c.runFlags, c.Out, "gradus-vae", &r.flags); err != nil {
		return nil, err
	}
	f := r.flags
	if err := f.check(); err != nil {
		return nil, err
	}
	objective, err := f.objective()
	if err != nil {
		return nil, err
	}
	opened := term.working(func() string { return "reading " + f.Data })
	source, test, err := openBothUnlabelled(f.Data, f.Seed)
	opened()
	if err != nil {
		return nil, err
	}
	r.test = test
	watched, done := term.watch(source)
	described, err := dataset.Describe(ctx, watched)
	done()
	if err != nil {
		return nil, asInput(ctx, err)
	}
	if err := f.checkValues(described); err != nil {
		return nil, err
	}
	f = f.settle(described)
	r.flags.Mean, r.model = f.Mean, f.model(described, objective)
	if err := r.model.Validate(); err != nil {
		return nil, badInput(err)
	}
	step := optim.AdamStep[float32](f.LR)
	step.Rate = optim.Cosine{From: f.LR, Steps: f.Epochs * (source.Len() / min(f.Batch, source.Len()))}
	r.config = train.AutoencoderConfig{
		Config:      vae.Config{Objective: objective, BatchSize: f.Batch, Epochs: f.Epochs, Seed: f.Seed, Step: step, WarmUp: f.WarmUp, Freeze: f.freeze()},
		Train:       source,
		Checkpoints: c.checkpoints(&r.runFolder),
		Resume:      r.resume,
	}
	return r, nil
}

// maxWidth keeps a mistyped size far from what memory holds.
const maxWidth = 1 << 16

func (f vaeFlags) check() error {
	for _, n := range append([]int{f.Latent}, f.Hidden...) {
		if n < 1 || n > maxWidth {
			return badInputf("--hidden, --latent %d: want 1 to %d", n, maxWidth)
		}
	}
	switch {
	case f.Epochs < 1 || f.Epochs > maxEpochs:
		return badInputf("--epochs %d: want 1 to %d", f.Epochs, maxEpochs)
	case f.Batch < 1:
		return badInputf("--batch %d: want at least 1", f.Batch)
	case f.WarmUp < 0 || f.WarmUp > f.Epochs:
		return badInputf("--warm-up %d: want 0 to the run's %d epochs", f.WarmUp, f.Epochs)
	case !(f.LR > 0) || math.IsInf(f.LR, 1):
		return badInputf("--lr %v: want a finite number above 0", f.LR)
	case !(f.MinVariance > 0) || math.IsInf(f.MinVariance, 1):
		return badInputf("--min-variance %v: want a finite number above 0", f.MinVariance)
	case f.Likelihood == vae.Bernoulli && f.Mean == "sigmoid":
		return badInputf("--mean sigmoid with --likelihood bernoulli, whose decoder gives logits: want one of them")
	case f.Likelihood == vae.Bernoulli && f.Variance != "":
		return badInputf("--variance %s with --likelihood bernoulli, which has no variance: want one of them", f.Variance)
	}
	return nil
}

// objective is what the flags ask to minimise.
func (f vaeFlags) objective() (vae.Objective, error) {
	o := vae.Plain()
	o.Beta, o.FreeBits = f.Beta, f.FreeBits
	switch how, value, given := strings.Cut(f.Variance, ":"); {
	case how == "fixed" && given:
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return o, badInputf("--variance %s: %q is no number: want fixed:V, such as fixed:1", f.Variance, value)
		}
		o.Scale, o.Variance = vae.Fixed, v
	case f.Variance == "" || f.Variance == "shared":
		o.Bounds.Min = f.MinVariance
	case f.Variance == "per-dimension":
		o.Scale, o.Bounds.Min = vae.PerDimension, f.MinVariance
	case f.Variance == "per-example":
		o.Scale, o.Bounds.Min = vae.PerExample, f.MinVariance
	case f.Variance == "learned":
		o.Scale = vae.Learned
	default:
		return o, badInputf("--variance %s: want shared, per-dimension, per-example, learned or fixed:V", f.Variance)
	}
	return o, badInput(o.Validate())
}

// freeze is what becomes of the variance when training ends.
func (f vaeFlags) freeze() vae.Scale {
	if f.Variance == "per-dimension" {
		return vae.PerDimension
	}
	return vae.Shared
}

// checkValues refuses data that the likelihood is not one of.
func (f vaeFlags) checkValues(d *dataset.Description) error {
	switch {
	case !finite(d.Mean) || !finite(d.Std):
		return badInputf("%s: some values are not finite", f.Data)
	case f.Likelihood == vae.Bernoulli && !unit(d):
		return badInputf("--likelihood bernoulli: values of %s go from %.4g to %.4g: want 0 to 1", f.Data, d.Min, d.Max)
	case f.Mean == "sigmoid" && !unit(d):
		return badInputf("--mean sigmoid: values of %s go from %.4g to %.4g: want 0 to 1", f.Data, d.Min, d.Max)
	}
	return nil
}

// unit reports whether all values lie from 0 to 1.
func unit(d *dataset.Description) bool { return d.Min >= 0 && d.Max <= 1 }

// settle chooses the decoder's mean where that is left to the data.
func (f vaeFlags) settle(d *dataset.Description) vaeFlags {
	if f.Mean == "auto" {
		f.Mean = "linear"
		if f.Likelihood == vae.Gaussian && drawable(d.Info.Shape) && unit(d) {
			f.Mean = "sigmoid"
		}
	}
	return f
}

// model makes the model of the flags. Features of tables are standardised;
// pictures, and what a decoder of values from 0 to 1 is to explain, stay as they
// are.
func (f vaeFlags) model(d *dataset.Description, o vae.Objective) *modelfile.Model {
	m := &modelfile.Model{Input: d.Info.Shape}
	spread := d.Std * d.Std
	if f.Likelihood == vae.Gaussian && f.Mean != "sigmoid" && !drawable(d.Info.Shape) {
		m.Preprocess, spread = modelfile.Standardize(d.ChannelMean, d.ChannelStd), 1
	}
	net := vae.NewMLP[float32](d.Info.Shape, f.Hidden, f.Latent, f.Likelihood, rand.New(rand.NewPCG(f.Seed, 0)))
	if f.Mean == "sigmoid" {
		net.BoundMean(min(max(d.Mean, 0.001), 0.999)) // one colour has no logit
	}
	if o.Scale == vae.Learned {
		net.LearnVariance(max(spread, f.MinVariance))
	}
	m.Net = net
	return m
}

// openBothUnlabelled is openBoth for data whose labels may be missing.
func openBothUnlabelled(path string, seed uint64) (source, test dataset.Source, err error) {
	if source, err = openUnlabelled(path, dataset.Train); err != nil {
		return nil, nil, badInput(err)
	}
	if !isFile(path) {
		if test, err = dataset.Open(path, dataset.Test); err == nil {
			return source, test, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, nil, badInput(err)
		}
	}
	if n := source.Len(); n < 20 {
		return nil, nil, badInputf("%s: %d examples: want at least 20, to hold out a tenth for the result", path, n)
	}
	source, test, err = dataset.HoldOut(source, 0.1, seed)
	return source, test, badInput(err)
}

// Run trains, measures on held-out data and saves.
func (c *vaeTrain) Run(ctx context.Context, term *terminal, parsed *kong.Context) error {
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
	progress := &vaeProgress{term: term, json: c.JSON, run: r, said: time.Now()}
	progress.begin()
	start := time.Now()
	result, err := train.FitAutoencoder(ctx, r.model, r.config)
	seconds := time.Since(start).Seconds()
	progress.finish()
	if err != nil {
		return r.explain(err)
	}
	m := &vaeFile{path: r.folder, file: r.model, net: r.model.Net.(*vae.Model[float32]), trained: r.config.Objective}
	ledger, err := measure(ctx, term, m, &vaeData{Source: r.model.Preprocess.Source(r.test), raw: r.test}, 1, 0, r.flags.Seed)
	if err != nil {
		return r.unsaved(err)
	}
	if err := r.save(result, ledger); err != nil {
		return r.unsaved(err)
	}
	var undrawn error
	if c.Plot != "" {
		undrawn = savePicture(c.Plot, r.curve(result))
	}
	undrawn = errors.Join(undrawn, c.saveReport(term, func() report.Page { return r.page(result, ledger) }))
	return errors.Join(progress.done(ledger, seconds), undrawn)
}
