package tour

import (
	"context"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
)

func optimalVarianceVAE() Chapter {
	return Chapter{
		Slug:     "optimal-variance-vae",
		Question: "How do I weigh the two terms of an autoencoder's loss, and why does mine ignore its code?",
		About: "Three autoencoders learn the digits: with the decoder's variance solved for, with variance 1, and with the squared error averaged over the pixels, which assumes a variance of 392. " +
			"The loss of the first is measured over the variance; its minimum should lie where the closed form says. The third should say nothing, since its variance is above that of the digits in every direction.",
		Try: "gradus vae train",
		run: func(ctx context.Context, lab *Lab) (*finding, error) { return decoded{lab}.run(ctx) },
	}
}

const (
	decodedLatent = 8
	decodedTest   = 500
)

type decoded struct{ lab *Lab }

func (c decoded) run(ctx context.Context) (*finding, error) {
	learn, test, err := c.lab.digits(ctx)
	if err != nil {
		return nil, err
	}
	judged, err := test.first(decodedTest)
	if err != nil {
		return nil, err
	}
	mean := vae.VarianceOfBeta(784) // of the squared error averaged over 784 pixels
	ways := []struct {
		name      string
		objective vae.Objective
	}{{"solved for", vae.Plain()}, {"σ = 1", vae.At(1)}, {"averaged error", vae.At(mean)}}
	var models []*vae.Model[float32]
	var ledgers []*vae.Ledger
	for _, way := range ways {
		m, ledger, err := c.train(ctx, way.name, way.objective, learn, judged)
		if err != nil {
			return nil, err
		}
		models, ledgers = append(models, m), append(ledgers, ledger)
	}
	curve, predicted, found, err := c.scan(ctx, models[0], judged)
	if err != nil {
		return nil, err
	}
	d := 784.
	atBest := ledgers[0].Rate + d/2*(math.Log(2*math.Pi*predicted*predicted)+1)
	return &finding{
		figures: []Figure{
			near("deviation of least loss, searched, beside the root of the mean residual²", "%.4f", predicted, found, 0.01*predicted, "1%"),
			near("loss there (nats a digit), beside the closed form", "%.1f", atBest, ledgers[0].Best, 4*ledgers[0].Negative.StandardError, "4 standard errors"),
			atMost("loss with the variance solved for (nats a digit), beside σ = 1", "%.0f", ledgers[1].Negative.Mean, ledgers[0].Negative.Mean, "a bound"),
			near(fmt.Sprintf("units of %d that say anything, where the error is averaged", decodedLatent), "%.0f", 0, float64(ledgers[2].Active), 0, "exact"),
		},
		pictures: []Picture{
			{"variance", report.Captioned{Picture: curve, Caption: "Loss of the autoencoder whose variance was solved for, over the decoder's deviation: points are measured on unseen digits, the dashed line is the closed form."}},
			{"autoencoders", report.Captioned{Picture: c.grid(models, judged), Caption: "Unseen digits, and what each autoencoder makes of their codes; then digits that the first draws from nothing."}},
		},
		verdict: fmt.Sprintf("solved for, the loss is %.0f nats a digit; with σ = 1 it is %.0f; averaged over pixels the code is ignored, as the variance it assumes is above %.0f, the digits' largest",
			ledgers[0].Negative.Mean, ledgers[1].Negative.Mean, ledgers[2].TopDirection),
	}, nil
}

// train returns an autoencoder of the digits and its ledger on unseen ones.
func (c decoded) train(ctx context.Context, name string, objective vae.Objective, learn, test *digits) (*vae.Model[float32], *vae.Ledger, error) {
	const epochs = 8
	m := vae.NewMLP[float32]([]int{784}, []int{128}, decodedLatent, vae.Gaussian, c.lab.rand(10))
	c.lab.say("an autoencoder, %s", name)
	_, err := vae.Fit(ctx, m, learn, vae.Config{
		Objective: objective, BatchSize: 64, Epochs: epochs, Seed: c.lab.Seed, Step: optim.AdamStep[float32](2e-3),
		OnEpoch: func(e vae.Epoch) {
			c.lab.say("an autoencoder, %s: epoch %d of %d, loss %.0f nats", name, e.Epoch, epochs, e.Distortion+e.Rate)
		},
	})
	if err != nil {
		return nil, nil, err
	}
	ledger, err := vae.Measure(ctx, m, test, vae.Measurement{Trained: objective, Samples: 1, Seed: c.lab.Seed})
	return m, ledger, err
}

// scan measures the loss over the deviation, draws it beside the closed form,
// and returns where it is least: in closed form, and by a golden section.
func (c decoded) scan(ctx context.Context, m *vae.Model[float32], test *digits) (curve report.Figure, predicted, found float64, err error) {
	residuals, err := vae.Residuals(ctx, m, test, c.lab.Seed)
	if err != nil {
		return curve, 0, 0, err
	}
	predicted = math.Sqrt(residuals.Shared())
	var failed error
	rate := 0.
	loss := func(sigma float64) float64 {
		if failed = m.SetVariance(sigma * sigma); failed != nil {
			return math.NaN()
		}
		var ledger *vae.Ledger
		if ledger, failed = vae.Measure(ctx, m, test, vae.Measurement{Trained: vae.Plain(), Samples: 1, Seed: c.lab.Seed}); failed != nil {
			return math.NaN()
		}
		rate = ledger.Rate
		return ledger.Negative.Mean
	}
	measured, closed := report.Line{Name: "measured", Markers: true}, report.Line{Name: "closed form", Dashed: true}
	c.lab.say("searching the best deviation")
	for _, times := range []float64{0.6, 0.75, 0.9, 1.1, 1.4, 1.8, 2.5, 3.5, 5} {
		sigma := times * predicted
		measured.X, measured.Y = append(measured.X, sigma), append(measured.Y, loss(sigma))
		if failed != nil {
			return curve, 0, 0, failed
		}
	}
	r := residuals.MeanSquaredNorm()
	for i := range 61 {
		sigma := predicted * 0.6 * math.Pow(5/0.6, float64(i)/60)
		closed.X, closed.Y = append(closed.X, sigma), append(closed.Y, rate+784./2*math.Log(2*math.Pi*sigma*sigma)+r/(2*sigma*sigma))
	}
	found = goldenSection(loss, 0.6*predicted, 2*predicted, 0.002*predicted)
	curve = report.Figure{Title: "an autoencoder's loss on unseen digits", X: "decoder's deviation σ (pixel values from 0 to 1)", LogX: true,
		Panels: []report.Panel{{Y: "loss (nats a digit)", Lines: []report.Line{measured, closed}, Legend: report.TopLeft}}}
	return curve, predicted, found, failed
}

// goldenSection returns the minimiser of a unimodal function between lo and hi.
func goldenSection(f func(float64) float64, lo, hi, tolerance float64) float64 {
	ratio := (math.Sqrt(5) - 1) / 2
	a, b := hi-ratio*(hi-lo), lo+ratio*(hi-lo)
	fa, fb := f(a), f(b)
	for hi-lo > tolerance {
		if fa < fb {
			hi, b, fb = b, a, fa
			a = hi - ratio*(hi-lo)
			fa = f(a)
		} else {
			lo, a, fa = a, b, fb
			b = lo + ratio*(hi-lo)
			fb = f(b)
		}
	}
	return (lo + hi) / 2
}

// grid shows digits, what the models make of them, and digits drawn anew.
func (c decoded) grid(models []*vae.Model[float32], test *digits) report.Grid {
	const n = 8
	shown := tensor.From(test.x.Data[:n*784], n, 1, 28, 28)
	row := func(name string, x *tensor.Tensor[float32]) report.GridRow {
		r := report.GridRow{Name: name}
		for i := range n {
			r.Images = append(r.Images, report.Image{Shape: []int{1, 28, 28}, Data: x.Row(i)})
		}
		return r
	}
	flat := tensor.From(shown.Data, n, 784)
	return report.Grid{Title: "reconstructions of unseen digits, and digits drawn anew", Rows: []report.GridRow{
		row("digits", shown), row("solved for", models[0].Reconstruct(flat)), row("σ = 1", models[1].Reconstruct(flat)),
		row("averaged error", models[2].Reconstruct(flat)), row("drawn anew", models[0].Sample(n, c.lab.rand(10, 1), false)),
	}}
}
