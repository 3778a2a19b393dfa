package tour

import (
	"context"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/dataset/glyphs"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/shift"
	"github.com/gradus-ml/gradus/train"
)

func priorShift() Chapter {
	return Chapter{
		Slug:     "prior-shift",
		Question: "My classes are no longer as frequent as in training. What did that cost, and can I have it back without new labels?",
		About: "A network learns characters that look alike, 0 and O, 1, I and l, 2 and Z, 5 and S, 8 and B, all equally frequent. It is then used where nine of ten are digits. " +
			"The new frequencies are estimated from characters without labels, the answers corrected, and the accuracy that this promises is held against the true one, which the generator knows.",
		Try: "gradus shift MODEL --data FOLDER",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return shifted{lab}.run(ctx) },
	}
}

type shifted struct{ lab *Lab }

func (c shifted) run(ctx context.Context) (*finding, error) {
	const resamples = 40
	learn, source, target, priors, err := c.characters(ctx)
	if err != nil {
		return nil, err
	}
	model, err := c.lab.parse(ctx, "mlp:64", learn, 4, nil)
	if err != nil {
		return nil, err
	}
	z, labels, err := train.Logits(ctx, model, source)
	if err != nil {
		return nil, err
	}
	unlabelled, truth, err := train.Logits(ctx, model, target)
	if err != nil {
		return nil, err
	}
	c.lab.say("estimating frequencies")
	const ridge, tolerance = 1e-6, 1e-8
	adapted, err := shift.Adapt(z, labels, unlabelled, ridge, tolerance)
	if err != nil {
		return nil, err
	}
	intervals, err := adapted.Bootstrap(labels, ridge, tolerance, resamples, 0.95, c.lab.rand(7), ctx.Err)
	if err != nil {
		return nil, err
	}
	before, after := adapted.Target.Argmax(), adapted.Corrected.Decisions
	promised, err := shift.CompareDecisions(adapted.Corrected.Posterior, before, after)
	if err != nil {
		return nil, err
	}
	measured, err := shift.MeasureAccuracy(truth, before, after, len(priors))
	if err != nil {
		return nil, err
	}
	off := 0.
	for k, p := range adapted.Maximum.Prior {
		off = max(off, math.Abs(p-priors[k])/max((intervals[k].High-intervals[k].Low)/(2*1.96), 1e-3))
	}
	within := func(e losses.Estimate) float64 { return 400 * e.StandardError }
	return &finding{
		figures: []Figure{
			atMost("worst error of an estimated frequency, in standard errors", "%.1f", 4.5, off, "of intervals by resampling"),
			near("accuracy of corrected answers (%), beside what is promised without labels", "%.1f", 100*promised.After.Mean, 100*measured.After.Mean, within(measured.After), "4 standard errors"),
			near("gain by the correction (points), beside what is promised without labels", "%.1f", 100*promised.Gain.Mean, 100*measured.Gain.Mean, within(measured.Gain), "4 standard errors"),
		},
		pictures: []Picture{{"priors", report.Captioned{Picture: priorsPicture(learn.Info().Classes, priors, adapted.Maximum.Prior, intervals),
			Caption: "The frequencies of training, those of the application, and those estimated from it without labels, with intervals of 95%."}}},
		verdict: fmt.Sprintf("the frequencies are found without labels, and the corrected answers are right for %.1f%% instead of %.1f%%, as promised",
			100*measured.After.Mean, 100*measured.Before.Mean),
	}, nil
}

// characters draws what to learn from, what to calibrate on, and what the
// network is used for, with its frequencies.
func (c shifted) characters(ctx context.Context) (learn, source, target *digits, priors []float64, err error) {
	c.lab.say("drawing characters")
	o := glyphs.Default()
	o.Classes, o.Seed = "0O1Il2Z5S8B", c.lab.Seed*2+1000
	g, err := glyphs.New(o)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	priors = make([]float64, len(o.Classes))
	for i, character := range o.Classes {
		priors[i] = 0.1 / 6
		if character <= '9' {
			priors[i] = 0.9 / 5
		}
	}
	shifted, err := g.With(priors, o.Seed+2)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	held, err := g.With(nil, o.Seed+1)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if learn, err = draw(ctx, g, 5000); err != nil {
		return nil, nil, nil, nil, err
	}
	if source, err = draw(ctx, held, 1500); err != nil {
		return nil, nil, nil, nil, err
	}
	target, err = draw(ctx, shifted, 2000)
	return learn, source, target, priors, err
}

func priorsPicture(classes []string, truth, estimated []float64, intervals []losses.Interval) report.Dots {
	training, application, found := report.DotSeries{Name: "training"}, report.DotSeries{Name: "application"}, report.DotSeries{Name: "estimated without labels"}
	for k := range classes {
		training.Values = append(training.Values, 100/float64(len(classes)))
		application.Values = append(application.Values, 100*truth[k])
		found.Values = append(found.Values, 100*estimated[k])
		found.Low, found.High = append(found.Low, 100*min(intervals[k].Low, estimated[k])), append(found.High, 100*max(intervals[k].High, estimated[k]))
	}
	return report.Dots{Title: "frequencies of characters that look alike", Panels: []report.DotPanel{{
		X: "character", Y: "frequency (%)", Categories: classes, Series: []report.DotSeries{training, application, found}, Legend: report.TopRight, FromZero: true,
	}}}
}
