package tour

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
)

func linearisedAttack() Chapter {
	return Chapter{
		Slug:     "linearised-attack",
		Question: "How easily is my classifier fooled, and how far is it proved that it is not?",
		About: "The classifier's log-probability is linearised at unseen digits, and the worst change within a radius is found exactly. What it promises is held against what happens. " +
			"Then a search of ten such steps bounds the accuracy from above, and a proof bounds it from below.",
		Try: "gradus attack MODEL",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return fooled{lab}.run(ctx) },
	}
}

// attacked is how many digits are attacked.
const attacked = 200

type fooled struct{ lab *Lab }

func (c fooled) run(ctx context.Context) (*finding, error) {
	model, _, test, err := c.lab.classifier(ctx)
	if err != nil {
		return nil, err
	}
	net, err := withPreprocess(model)
	if err != nil {
		return nil, err
	}
	x, labels := tensor.From(test.x.Data[:attacked*784], attacked, 1, 28, 28), test.labels[:attacked]
	figures, err := c.promise(ctx, net, x, labels)
	if err != nil {
		return nil, err
	}
	radii := []float64{0.01, 0.02, 0.04, 0.06, 0.08, 0.1}
	largest := radii[len(radii)-1]
	c.lab.say("attacking %d digits", attacked)
	attacker, err := attack.New(net, attack.PGD(attack.LInf(largest), attack.Unit(), 10, largest/4))
	if err != nil {
		return nil, err
	}
	points, err := attacker.Curve(ctx, x, labels, radii)
	if err != nil {
		return nil, err
	}
	audit, err := attacker.Run(ctx, x, labels)
	if err != nil {
		return nil, err
	}
	c.lab.say("certifying %d digits", attacked)
	certifier, err := attack.NewCertifier(net, model.Input)
	if err != nil {
		return nil, err
	}
	certified, err := certifier.Curve(ctx, x, labels, math.Inf(1), radii, attack.Unit(), attack.CROWNIBP)
	if err != nil {
		return nil, err
	}
	above := math.Inf(-1)
	for i, p := range points {
		above = max(above, 100*(certified[i]-p.Robust))
	}
	summary := audit.Summary()
	figures = append(figures,
		atMost("points by which certified exceeds attacked accuracy, at any radius", "%.1f", 0, above, "a proof"),
		near("attacked digits outside their ball or the pixels' range", "%.0f", 0, float64(summary.Infeasible), 0, "exact"))
	return &finding{
		figures: figures,
		pictures: []Picture{
			{"robust", report.Captioned{Picture: robustPicture(radii, points, certified, summary.Clean), Caption: "Accuracy over the radius: noise of the same size, the search, and the proof. The truth lies between the last two."}},
			{"fooled", report.Captioned{Picture: fooledPicture(x, audit), Caption: fmt.Sprintf("Digits that the classifier reads right, what the attack adds, and what comes of it, each with the class that is read; no pixel moves by more than %g.", largest)}},
		},
		verdict: fmt.Sprintf("%.0f%% of unseen digits are read right; of these a change of %g a pixel leaves %.0f%%, and %.0f%% are proved to stay at %g",
			100*summary.Clean, largest, 100*points[len(points)-1].Robust, 100*certified[0], radii[0]),
	}, nil
}

// promise holds the drop that one exact step of a small radius promises
// against the dual norm, and against the drop that happens.
func (c fooled) promise(ctx context.Context, net nn.Layer[float32], x *tensor.Tensor[float32], labels []int) ([]Figure, error) {
	const small = 0.0002
	linear, err := attack.Linearise(net, x, labels)
	if err != nil {
		return nil, err
	}
	dual := 0.
	for i := range labels {
		dual += small * attack.Norm(linear.Gradient.Row(i), 1) / float64(len(labels))
	}
	attacker, err := attack.New(net, attack.FGSM(attack.LInf(small), attack.Everywhere()))
	if err != nil {
		return nil, err
	}
	audit, err := attacker.Run(ctx, x, labels)
	if err != nil {
		return nil, err
	}
	s := audit.Summary()
	return []Figure{
		near("promised drop of the log-probability, beside radius × dual norm", "%.3e", dual, s.Predicted, 2e-3*dual, "0.2%, the rounding of pixels"),
		near("true drop of the log-probability, beside the promised one", "%.3e", s.Predicted, s.Drop, 0.05*s.Predicted, "5%, what is not linear"),
	}, nil
}

// withPreprocess is a model's network with its preprocessing, for attacks in
// the units of pixels.
func withPreprocess(model *modelfile.Model) (nn.Layer[float32], error) {
	standardize, err := attack.NewStandardize(model.Preprocess.Mean, model.Preprocess.Std)
	if err != nil {
		return nil, err
	}
	return nn.Sequential[float32]{standardize, model.Net}, nil
}

func robustPicture(radii []float64, points []attack.Point, certified []float64, clean float64) report.Figure {
	line := func(name string, at func(i int) float64) report.Line {
		l := report.Line{Name: name, Markers: true, X: append([]float64{0}, radii...), Y: []float64{100 * clean}}
		for i := range radii {
			l.Y = append(l.Y, 100*at(i))
		}
		return l
	}
	return report.Figure{
		Title: fmt.Sprintf("robust accuracy on %d unseen digits", attacked),
		X:     "largest change of a pixel, whose values go from 0 to 1",
		Panels: []report.Panel{{Y: "accuracy (%)", Legend: report.BottomLeft, Lo: 0, Hi: 100, Lines: []report.Line{
			line("random signs", func(i int) float64 { return points[i].Noise }),
			line("attacked (upper bound)", func(i int) float64 { return points[i].Robust }),
			line("certified (lower bound)", func(i int) float64 { return certified[i] }),
		}}},
	}
}

// fooledPicture shows the first six digits that are read right before the
// attack.
func fooledPicture(x *tensor.Tensor[float32], audit *attack.Report[float32]) report.Grid {
	rows := []report.GridRow{{Name: "digit"}, {Name: "change"}, {Name: "attacked"}}
	shape := x.Shape[1:]
	for i, image := range audit.Images {
		if image.Clean != image.Label || len(rows[0].Images) == 6 {
			continue
		}
		change := slices.Clone(audit.Adversarial.Row(i))
		for j, v := range x.Row(i) {
			change[j] -= v
		}
		for r, shown := range []report.Image{
			{Caption: fmt.Sprint(image.Clean), Shape: shape, Data: x.Row(i)},
			{Shape: shape, Data: change, Signed: audit.Attack.Ball.Radius},
			{Caption: fmt.Sprint(image.Attacked), Shape: shape, Data: audit.Adversarial.Row(i)},
		} {
			rows[r].Images = append(rows[r].Images, shown)
		}
	}
	return report.Grid{Title: "with the class that is read below; change: blue darker, orange lighter", Rows: rows}
}
