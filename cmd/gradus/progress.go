package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/gradus-ml/gradus/dataset/fetch"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/train"
)

// interactive reports whether progress goes to a terminal.
func (t *terminal) interactive() bool {
	file, ok := t.Err.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// newBar returns a bar on t's error stream that counts to total.
func newBar(t *terminal, total int64, options ...progressbar.Option) *progressbar.ProgressBar {
	return progressbar.NewOptions64(total, append([]progressbar.Option{
		progressbar.OptionSetWriter(t.Err), progressbar.OptionSetWidth(24), progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionSetPredictTime(true), progressbar.OptionShowIts(), progressbar.OptionClearOnFinish(),
		progressbar.OptionUseANSICodes(true),
	}, options...)...)
}

// trainProgress tells how training goes: a bar on a terminal, a line an epoch
// and every ten seconds elsewhere, JSON lines on the output if asked for.
type trainProgress struct {
	term  *terminal
	json  bool
	run   *trainingRun
	bar   *progressbar.ProgressBar
	said  time.Time
	speed float64

	pass   string // "epoch", or what an epoch is called after pruning
	epochs int
}

func newTrainProgress(t *terminal, asJSON bool, r *trainingRun) *trainProgress {
	return &trainProgress{term: t, json: asJSON, run: r, said: time.Now(), pass: "epoch", epochs: r.flags.Epochs}
}

// phase says that another training begins, and what its epochs are called.
func (p *trainProgress) phase(pass string, epochs int) { p.pass, p.epochs = pass, epochs }

// begin prints what is about to be trained.
func (p *trainProgress) begin() error {
	r := p.run
	summary, err := nn.Summary[float32](r.model.Net, r.model.Input)
	if err != nil {
		return err
	}
	info := r.config.Train.Info()
	if p.json {
		return p.line(map[string]any{
			"event": "begin", "data": info.Name, "examples": r.config.Train.Len(), "test_examples": r.test.Len(),
			"spec": r.flags.Model, "parameters": summary.Parameters, "multiply_adds": summary.MultiplyAdds, "model": r.folder,
		})
	}
	fmt.Fprintf(p.term.Out, "%s: %d examples of shape %v in %d classes; %d held out for the result\n\n%s\n",
		info.Name, r.config.Train.Len(), info.Shape, len(info.Classes), r.test.Len(), summary)
	if p.term.interactive() {
		p.bar = newBar(p.term, 100, progressbar.OptionSetItsString("examples"))
	}
	return nil
}

func (p *trainProgress) observer() train.Observer {
	return train.Observer{Resumed: p.resumed, Step: p.step, Epoch: p.epoch}
}

func (p *trainProgress) resumed(r train.Resumption) { p.term.resumed(r, p.json) }

// resumed tells where training was taken up.
func (t *terminal) resumed(r train.Resumption, asJSON bool) {
	for _, skipped := range r.Skipped {
		fmt.Fprintf(t.Err, "gradus: passed over a damaged checkpoint: %v\n", skipped)
	}
	if asJSON {
		json.NewEncoder(t.Out).Encode(map[string]any{"event": "resumed", "step": r.Step})
		return
	}
	fmt.Fprintf(t.Out, "resumed after step %d\n", r.Step)
}

func (p *trainProgress) step(e train.StepEvent) {
	p.speed = e.PerSecond
	switch {
	case p.bar != nil:
		p.bar.ChangeMax64(int64(p.epochs*e.Batches) * int64(p.run.flags.Batch))
		p.bar.Describe(fmt.Sprintf("%s %d/%d  loss %.4f  accuracy %5.1f%%", p.pass, e.Epoch+1, p.epochs, e.Loss, 100*e.Accuracy))
		p.bar.Set64(int64(e.Step) * int64(p.run.flags.Batch))
	case !p.json && time.Since(p.said) > 10*time.Second:
		p.said = time.Now()
		fmt.Fprintf(p.term.Err, "%s %d/%d, batch %d/%d: loss %.4f, accuracy %.1f%%, %.0f examples/s, %v left\n",
			p.pass, e.Epoch+1, p.epochs, e.Batch, e.Batches, e.Loss, 100*e.Accuracy, e.PerSecond, e.Remaining.Round(time.Second))
	}
}

func (p *trainProgress) epoch(e train.Epoch) {
	p.said = time.Now()
	if p.json {
		p.line(map[string]any{"event": p.pass, "epoch": e.Epoch, "step": e.Step, "train": e.Train, "validation": e.Validation, "examples_per_second": p.speed})
		return
	}
	if p.bar != nil {
		p.bar.Clear()
	}
	attacked := ""
	if p.run.config.Adversarial != nil {
		attacked = "attacked "
	}
	fmt.Fprintf(p.term.Out, "%s %d/%d: %sloss %.4f, accuracy %.2f%%", p.pass, e.Epoch, p.epochs, attacked, e.Train.Loss, 100*e.Train.Accuracy)
	if e.Validation != nil {
		fmt.Fprintf(p.term.Out, "; validation loss %.4f, accuracy %.2f%%", e.Validation.Loss, 100*e.Validation.Accuracy)
	}
	fmt.Fprintf(p.term.Out, "; %.0f examples/s\n", p.speed)
}

// finish takes the bar away.
func (p *trainProgress) finish() {
	if p.bar != nil {
		p.bar.Clear()
	}
}

// done prints the result.
func (p *trainProgress) done(m, attacked *train.Metrics, seconds float64, plot string) error {
	folder := p.run.folder
	if p.json {
		result := map[string]any{"event": "done", "accuracy": m.Accuracy, "loss": m.Loss, "seconds": seconds, "model": folder, "examples": m.Examples}
		if p.run.pruned != nil {
			result["pruned"] = p.run.pruned
		}
		if attacked != nil {
			result["attacked_accuracy"], result["attacked_examples"] = attacked.Accuracy, attacked.Examples
		}
		return p.line(result)
	}
	fmt.Fprintf(p.term.Out, "\nheld-out accuracy %.2f%%, loss %.4f, over %d examples; trained in %.1f s\n", 100*m.Accuracy, m.Loss, m.Examples, seconds)
	if attacked != nil {
		fmt.Fprintf(p.term.Out, "under attack, %v: accuracy %.2f%%, over %d examples\n", p.run.config.Adversarial.Attack, 100*attacked.Accuracy, attacked.Examples)
	}
	fmt.Fprintf(p.term.Out, "model: %s\n", folder)
	if p.run.pruned != nil {
		fmt.Fprintln(p.term.Out, p.run.pruned)
	}
	if plot != "" {
		fmt.Fprintf(p.term.Out, "curve: %s\n", plot)
	}
	return nil
}

func (p *trainProgress) line(v any) error { return json.NewEncoder(p.term.Out).Encode(v) }

// downloadBar shows the bytes of one file after the other.
type downloadBar struct {
	term *terminal
	bar  *progressbar.ProgressBar
	file string
}

func newDownloadBar(t *terminal) *downloadBar { return &downloadBar{term: t} }

func (d *downloadBar) show(p fetch.Progress) {
	if p.File != d.file {
		d.finish()
		d.file = p.File
		if d.term.interactive() {
			d.bar = newBar(d.term, p.Total, progressbar.OptionShowBytes(true), progressbar.OptionSetDescription(p.File))
		} else {
			fmt.Fprintf(d.term.Err, "%s: %d bytes\n", p.File, p.Total)
		}
	}
	if d.bar != nil {
		d.bar.Set64(p.Done)
	}
}

func (d *downloadBar) finish() {
	if d.bar != nil {
		d.bar.Clear()
	}
}
