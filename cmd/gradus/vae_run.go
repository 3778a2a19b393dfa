package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/train"
	"github.com/gradus-ml/gradus/vae"
)

// save writes the finished model and its history, and removes the checkpoints
// that it makes needless.
func (r *vaeRun) save(result *vae.Result, l *measured) error {
	r.model.Training.Metrics["negative_bound"] = l.Negative.Mean
	if err := r.model.Save(r.folder); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(r.folder, historyFile), result.Epochs); err != nil {
		return err
	}
	return os.RemoveAll(r.checkpoints())
}

// curve draws the two terms over epochs.
func (r *vaeRun) curve(result *vae.Result) report.Figure {
	distortion, rate := report.Line{Markers: true}, report.Line{Markers: true}
	for _, e := range result.Epochs {
		x := float64(e.Epoch)
		distortion.X, distortion.Y = append(distortion.X, x), append(distortion.Y, e.Distortion)
		rate.X, rate.Y = append(rate.X, x), append(rate.Y, e.Rate)
	}
	return report.Figure{
		Title: fmt.Sprintf("training on %s", r.config.Train.Info().Name), X: "epoch",
		Panels: []report.Panel{
			{Y: "distortion (nats an example)", Lines: []report.Line{distortion}},
			{Y: "rate (nats an example)", Lines: []report.Line{rate}, Lo: 0, Hi: 0.01},
		},
	}
}

// page is the report of a run.
func (r *vaeRun) page(result *vae.Result, l *measured) report.Page {
	training := report.Section{
		Title:    "Training",
		Text:     "The two terms of the objective over the epochs, on the training data while the weights changed.",
		Pictures: []report.Captioned{{Picture: r.curve(result), Caption: "Distortion and rate over the epochs."}},
	}
	sections := []report.Section{l.section(), training}
	if drawable(r.model.Input) {
		pictures := report.Section{Title: "What it makes"}
		x := l.model.net.Sample(30, rand.New(rand.NewPCG(r.flags.Seed, 0)), false)
		pictures.Pictures = append(pictures.Pictures, report.Captioned{Picture: l.model.samples(x), Caption: "Codes drawn from the prior, decoded."})
		if x, err := l.data.read(0, min(20, l.data.Len())); err == nil {
			pictures.Pictures = append(pictures.Pictures, report.Captioned{Picture: l.model.reconstructions(x, l.model.net.Reconstruct(x)), Caption: "Held-out examples, and what the mean of their code decodes to."})
		}
		sections = append(sections, pictures)
	}
	return report.Page{
		Title: fmt.Sprintf("An autoencoder of %s", r.config.Train.Info().Name), Verdict: l.verdict(),
		Sections: sections,
		Made: append([]report.Fact{
			{Name: "trained on", Value: fmt.Sprintf("%s, %d examples, %d epochs", r.config.Train.Info().Name, r.config.Train.Len(), len(result.Epochs))},
			{Name: "training seed", Value: strconv.FormatUint(r.flags.Seed, 10)},
		}, l.made(r.flags.Seed)...),
	}
}

// vaeProgress tells how training goes: a bar on a terminal, a line an epoch and
// every ten seconds elsewhere, JSON lines on the output if asked for.
type vaeProgress struct {
	term  *terminal
	json  bool
	run   *vaeRun
	bar   *progressbar.ProgressBar
	said  time.Time
	speed float64
}

// begin prints what is about to be trained, and listens.
func (p *vaeProgress) begin() {
	r := p.run
	r.config.Resumed, r.config.OnStep, r.config.OnEpoch = p.resumed, p.step, p.epoch
	parameters := 0
	for _, param := range nn.Params[float32](r.model.Net) {
		parameters += len(param.Value.Data)
	}
	info, f := r.config.Train.Info(), r.flags
	if p.json {
		p.line(map[string]any{
			"event": "begin", "data": info.Name, "examples": r.config.Train.Len(), "test_examples": r.test.Len(), "parameters": parameters, "model": r.folder,
		})
		return
	}
	fmt.Fprintf(p.term.Out, "%s: %d examples of shape %v; %d held out for the result\n", info.Name, r.config.Train.Len(), info.Shape, r.test.Len())
	decoder := f.Likelihood
	if f.Likelihood == vae.Gaussian {
		if f.Mean == "sigmoid" {
			decoder += ", mean from 0 to 1"
		}
		decoder += ", variance " + r.config.Objective.Scale.String()
		if r.config.Objective.Scale == vae.Fixed {
			decoder += fmt.Sprintf(" at %v", r.config.Objective.Variance)
		}
	}
	fmt.Fprintf(p.term.Out, "hidden %v, %d units of code, %d parameters; %s\n\n", f.Hidden, f.Latent, parameters, decoder)
	if p.term.interactive() {
		p.bar = newBar(p.term, 100, progressbar.OptionSetItsString("examples"))
	}
}

func (p *vaeProgress) resumed(r train.Resumption) { p.term.resumed(r, p.json) }

func (p *vaeProgress) step(e train.AutoencoderStep) {
	p.speed = e.PerSecond
	epoch := (e.Step-1)*p.run.flags.Epochs/e.Steps + 1
	switch {
	case p.bar != nil:
		p.bar.ChangeMax64(int64(e.Steps) * int64(p.run.flags.Batch))
		p.bar.Describe(fmt.Sprintf("epoch %d/%d  distortion %.1f  rate %.1f", epoch, p.run.flags.Epochs, e.Distortion, e.Rate))
		p.bar.Set64(int64(e.Step) * int64(p.run.flags.Batch))
	case !p.json && time.Since(p.said) > 10*time.Second:
		p.said = time.Now()
		fmt.Fprintf(p.term.Err, "epoch %d/%d, step %d/%d: distortion %.1f, rate %.1f nats, %.0f examples/s, %v left\n",
			epoch, p.run.flags.Epochs, e.Step, e.Steps, e.Distortion, e.Rate, e.PerSecond, e.Remaining.Round(time.Second))
	}
}

func (p *vaeProgress) epoch(e vae.Epoch) {
	p.said = time.Now()
	if p.json {
		p.line(map[string]any{"event": "epoch", "epoch": e.Epoch, "distortion": e.Distortion, "rate": e.Rate, "examples_per_second": p.speed})
		return
	}
	if p.bar != nil {
		p.bar.Clear()
	}
	fmt.Fprintf(p.term.Out, "epoch %d/%d: distortion %.2f, rate %.2f nats", e.Epoch, p.run.flags.Epochs, e.Distortion, e.Rate)
	if p.speed > 0 {
		fmt.Fprintf(p.term.Out, "; %.0f examples/s", p.speed)
	}
	fmt.Fprintln(p.term.Out)
}

// finish takes the bar away.
func (p *vaeProgress) finish() {
	if p.bar != nil {
		p.bar.Clear()
	}
}

// done prints the result.
func (p *vaeProgress) done(l *measured, seconds float64) error {
	if p.json {
		result := l.json()
		result["event"], result["seconds"] = "done", seconds
		return p.line(result)
	}
	fmt.Fprintln(p.term.Out)
	l.print(p.term)
	_, err := fmt.Fprintf(p.term.Out, "\ntrained in %.1f s\nmodel: %s\nverdict: %s\n", seconds, p.run.folder, l.verdict())
	return err
}

func (p *vaeProgress) line(v any) error { return json.NewEncoder(p.term.Out).Encode(v) }
