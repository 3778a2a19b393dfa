package reproduce

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/train"
)

// calibrationBins is the usual number of bins of equal width.
const calibrationBins = 15

// calibration measures probabilities before and after temperature scaling.
func calibration() Experiment {
	return Experiment{
		Name:  "calibration",
		Title: "Calibration before and after temperature scaling",
		About: "Two networks. The first learned 2,000 training images by heart (784-256-10, 40 epochs); its temperature is fitted on 5,000 others and measured on the 10,000 test images. The second is that of the other experiments, trained on all 60,000 (784-512-256-10, 5 epochs); its temperature is fitted on a half of the test images, each class in proportion, and measured on the other. The calibration error is that of the answer over 15 bins of equal width; what chance alone adds to it is also taken off. The published network is another one, of about the accuracy of the first: what can be compared is how much of the error a temperature removes.",
		Run: func(ctx context.Context, lab *Lab) ([]Figure, error) {
			rest, test, err := lab.overconfident(ctx)
			if err != nil {
				return nil, err
			}
			few, err := calibrate(ctx, lab, rest.part(0, 5000), test)
			if err != nil {
				return nil, err
			}
			m, err := lab.Classifier(ctx, "mlp:512,256")
			if err != nil {
				return nil, err
			}
			tests, err := lab.Test()
			if err != nil {
				return nil, err
			}
			all := &unseen{}
			if all.z, all.labels, err = train.Logits(ctx, m, tests); err != nil {
				return nil, err
			}
			measure, fit, err := dataset.HoldOutIndices(all.labels, 0.5, lab.Seed)
			if err != nil {
				return nil, err
			}
			full, err := calibrate(ctx, lab, all.pick(fit), all.pick(measure))
			if err != nil {
				return nil, err
			}
			lab.Draw("calibration.svg", "Of the answers that the network of 2,000 images gives with a probability, how many are right; below, how many answers there are. On the dashed line the probabilities are true.",
				report.Reliability(fmt.Sprintf("reliability on %d test images", len(test.labels)),
					report.Forecaster{Name: "before, 95% intervals", Bins: few.before.Bins},
					report.Forecaster{Name: fmt.Sprintf("after, temperature %.2f", few.temperature), Bins: few.after.Bins}))
			figures := few.figures("2,000 images", "published 5.0%", "published 1.2%", "published 0.300", "published 0.286")
			// A temperature is one number: what it leaves is the shape of the
			// diagram, about a point, and what chance adds, half a point.
			figures[3] = AtMost(figures[3].Name, figures[3].Value, figures[3].Format, 1.5, figures[3].Beside)
			saved := 100 * (1 - few.after.Error.Debiased/few.before.Error.Debiased)
			figures = append(figures,
				AtLeast("2,000 images: share of the debiased error that the temperature removes", saved, "%.0f%%", 70, "published 76% (5.0% to 1.2%)"),
				AtLeast("2,000 images: log score saved (nats)", few.before.LogScore.Mean-few.after.LogScore.Mean, "%.3f", 0.014, "published 0.014"))
			return append(figures, full.figures("all images", "", "", "", "")...), nil
		},
	}
}

// calibrated is a temperature fitted on one part and measured on another.
type calibrated struct {
	temperature   float64
	before, after *losses.Assessment
}

func calibrate(ctx context.Context, lab *Lab, fit, measure *unseen) (*calibrated, error) {
	t, err := losses.FitTemperature(fit.z, fit.labels)
	if err != nil {
		return nil, err
	}
	c := &calibrated{temperature: t.Temperature()}
	options := losses.AssessOptions{Bins: calibrationBins, Resamples: 100, Confidence: 0.95}
	lab.Say("measuring the calibration")
	if c.before, err = losses.Assess(ctx, measure.z, measure.labels, options, rand.New(rand.NewPCG(lab.Seed, 0))); err != nil {
		return nil, err
	}
	c.after, err = losses.Assess(ctx, t.Apply(measure.z), measure.labels, options, rand.New(rand.NewPCG(lab.Seed, 0)))
	return c, err
}

// figures are those of one network; the published ones stand beside the errors
// and the log scores, before and after.
func (c *calibrated) figures(name, errorBefore, errorAfter, scoreBefore, scoreAfter string) []Figure {
	percent := func(v float64) float64 { return 100 * v }
	interval := func(beside string, e losses.Estimate) string {
		i := e.Interval(0.95)
		text := fmt.Sprintf("95%% interval %.3f to %.3f", i.Low, i.High)
		if beside != "" {
			text = beside + "; " + text
		}
		return text
	}
	debiased := func(a *losses.Assessment, beside string) string {
		text := fmt.Sprintf("less its bias %.2f%%, p = %.2g", percent(a.Error.Debiased), a.PValue)
		if beside != "" {
			text = beside + "; " + text
		}
		return text
	}
	return []Figure{
		Shown(name+": accuracy", percent(c.before.Accuracy), "%.2f%%", ""),
		Shown(name+": temperature", c.temperature, "%.2f", ""),
		Shown(name+": calibration error, before", percent(c.before.Error.Expected), "%.2f%%", debiased(c.before, errorBefore)),
		Shown(name+": calibration error, after", percent(c.after.Error.Expected), "%.2f%%", debiased(c.after, errorAfter)),
		Shown(name+": log score, before (nats)", c.before.LogScore.Mean, "%.3f", interval(scoreBefore, c.before.LogScore)),
		Shown(name+": log score, after (nats)", c.after.LogScore.Mean, "%.3f", interval(scoreAfter, c.after.LogScore)),
	}
}
