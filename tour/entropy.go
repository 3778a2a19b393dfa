package tour

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/train"
)

func klCrossEntropy() Chapter {
	return Chapter{
		Slug:     "kl-cross-entropy",
		Question: "How much of my loss can training still remove, and can I trust the probabilities?",
		About: "Three labels of ten are wrong by a law that is known: a digit is mostly taken for the next one. So the true distribution of every label is known, and with it the entropy that no network gets below. " +
			"A network learns from such labels; its cross-entropy is parted into that entropy and the divergence that is left, and its confidence is calibrated on half of the unseen digits and judged on the other half.",
		Try: "gradus evaluate MODEL --calibration",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return noisy{lab}.run(ctx) },
	}
}

type noisy struct{ lab *Lab }

// truth is the distribution of the label of a digit of the given class.
func (noisy) truth(class int) []float64 {
	p := make([]float64, 10)
	for k := range p {
		p[k] = 0.01
	}
	p[class], p[(class+1)%10] = 0.7, 0.22
	return p
}

func (c noisy) run(ctx context.Context) (*finding, error) {
	learn, test, err := c.lab.digits(ctx)
	if err != nil {
		return nil, err
	}
	learned, err := c.relabel(learn, c.lab.rand(5, 0))
	if err != nil {
		return nil, err
	}
	judged, err := c.relabel(test, c.lab.rand(5, 1))
	if err != nil {
		return nil, err
	}
	targets := make([][]float64, test.Len())
	for i, class := range test.labels {
		targets[i] = c.truth(class)
	}
	target, err := losses.ProbsOf(targets)
	if err != nil {
		return nil, err
	}
	var history []*losses.Split
	var logits losses.Logits
	var labels []int
	var failed error
	_, err = c.lab.parse(ctx, "mlp:128", learned, 6, func(m *modelfile.Model, _ train.Epoch) {
		var s *losses.Split
		if logits, labels, failed = train.Logits(ctx, m, judged); failed != nil {
			return
		}
		if s, failed = losses.Expect(even(test.Len()), target, logits.LogProbs()); failed == nil {
			history = append(history, s)
		}
	})
	if err != nil {
		return nil, err
	}
	if failed != nil {
		return nil, failed
	}
	last := history[len(history)-1]
	entropy := losses.Entropies(target)[0]
	logProbs := logits.LogProbs()
	sampled, err := losses.EstimateMean(len(labels), func(i int) float64 { return -logProbs.Row(i)[labels[i]] })
	if err != nil {
		return nil, err
	}
	f := &finding{figures: []Figure{
		near("expected cross-entropy less divergence, beside the labels' entropy", "%.6f", entropy, last.ExpectedCrossEntropy-last.ExpectedKL, 1e-9, "rounding"),
		near("mean loss of drawn labels, beside entropy + divergence", "%.3f", entropy+last.ExpectedKL, sampled.Mean, 4*sampled.StandardError, "4 standard errors"),
	}}
	if err := c.calibrate(f, logits, labels); err != nil {
		return nil, err
	}
	f.pictures = append([]Picture{{"entropy", report.Captioned{Picture: entropyPicture(history, entropy),
		Caption: "Cross-entropy and divergence after each epoch, expected under the known labels of unseen digits. They differ by the labels' entropy, dashed, which training cannot remove."}}}, f.pictures...)
	f.verdict = fmt.Sprintf("%.2f of the %.2f nats of loss are the labels' own entropy; training can still remove %.2f", entropy, last.ExpectedCrossEntropy, last.ExpectedKL)
	return f, nil
}

// relabel draws a label for every digit by the known law.
func (c noisy) relabel(d *digits, rng *rand.Rand) (dataset.Source, error) {
	labels := make([]int, d.Len())
	for i, class := range d.labels {
		u := rng.Float64()
		for k, p := range c.truth(class) {
			labels[i] = k
			if u -= p; u < 0 {
				break
			}
		}
	}
	return dataset.NewMemory("glyphs, three labels of ten wrong", d.x, labels, d.Info().Classes)
}

// even is the distribution that weighs n rows alike.
func even(n int) []float64 {
	w := make([]float64, n)
	for i := range w {
		w[i] = 1 / float64(n)
	}
	return w
}

// calibrate fits what a confidence is worth on the first half of the rows and
// judges it on the second.
func (c noisy) calibrate(f *finding, z losses.Logits, labels []int) error {
	half := len(labels) / 2
	part := func(lo, hi int) losses.Logits {
		return losses.Logits{Table: losses.Table{Classes: z.Classes, Data: z.Data[lo*z.Classes : hi*z.Classes]}}
	}
	known, err := losses.TopLabel(part(0, half).Probs(), labels[:half])
	if err != nil {
		return err
	}
	events := make([]float64, half)
	for i, came := range known.Events {
		if came {
			events[i] = 1
		}
	}
	isotonic, err := losses.FitIsotonic(known.P, events)
	if err != nil {
		return err
	}
	said, err := losses.TopLabel(part(half, len(labels)).Probs(), labels[half:])
	if err != nil {
		return err
	}
	corrected := losses.Forecasts{P: make([]float64, len(said.P)), Events: said.Events}
	for i, p := range said.P {
		corrected.P[i] = isotonic.At(p)
	}
	var bins [2][]losses.Bin
	for i, forecasts := range []losses.Forecasts{said, corrected} {
		if bins[i], err = forecasts.Reliability(losses.EqualWidth(10)); err != nil {
			return err
		}
	}
	f.figures = append(f.figures, near("calibration error on new digits after isotonic regression (%)", "%.1f", 0,
		100*losses.ErrorOf(bins[1]).Debiased, 4, "4 points, for two thousand digits"))
	f.pictures = append(f.pictures, Picture{"calibration", report.Captioned{Picture: reliabilityPicture(bins),
		Caption: "How often the most likely label came true, by how likely it was said to be, before and after calibration on other digits, with intervals of 95%; the forecast itself for comparison."}})
	return nil
}

func entropyPicture(history []*losses.Split, entropy float64) report.Figure {
	ce, kl := report.Line{Name: "cross-entropy", Markers: true}, report.Line{Name: "divergence (KL)", Markers: true}
	floor := report.Line{Name: "entropy of the labels", Dashed: true}
	for i, s := range history {
		x := float64(i + 1)
		ce.X, ce.Y = append(ce.X, x), append(ce.Y, s.ExpectedCrossEntropy)
		kl.X, kl.Y = append(kl.X, x), append(kl.Y, s.ExpectedKL)
		floor.X, floor.Y = append(floor.X, x), append(floor.Y, entropy)
	}
	return report.Figure{Title: "what training can remove of a loss", X: "epoch",
		Panels: []report.Panel{{Y: "nats", Lines: []report.Line{ce, kl, floor}, Lo: 0, Hi: 1.6, Legend: report.TopRight}}}
}

func reliabilityPicture(bins [2][]losses.Bin) report.Dots {
	panel := report.DotPanel{X: "probability of the most likely label, as said", Y: "share that came true", Legend: report.TopLeft, FromZero: true}
	said := report.DotSeries{Name: "as said"}
	found := []report.DotSeries{{Name: "before"}, {Name: "after"}}
	for b, bin := range bins[0] {
		if bin.Count == 0 && bins[1][b].Count == 0 {
			continue
		}
		panel.Categories = append(panel.Categories, fmt.Sprintf("%.1f–%.1f", bin.Low, bin.High))
		said.Values = append(said.Values, (bin.Low+bin.High)/2)
		for i := range found {
			at := bins[i][b]
			found[i].Values = append(found[i].Values, at.Frequency)
			found[i].Low, found[i].High = append(found[i].Low, at.Interval.Low), append(found[i].High, at.Interval.High)
		}
	}
	panel.Series = append([]report.DotSeries{said}, found...)
	return report.Dots{Title: "calibration on two thousand unseen digits", Panels: []report.DotPanel{panel}}
}
