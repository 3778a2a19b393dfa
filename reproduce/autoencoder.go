package reproduce

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/dataset"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/report"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
)

// autoencoder compares ways to choose the decoder variance (problem 10).
func autoencoder() Experiment {
	return Experiment{
		Name:  "autoencoder",
		Title: "The decoder variance of an autoencoder",
		About: fmt.Sprintf("Five autoencoders 784-256-16, whose decoder ends in a sigmoid, of the same initial weights (LeCun's), batches and step (Adam, rate 0.003 falling as a cosine, %d epochs of MNIST in batches of 64) that differ in the decoder variance alone: "+
			"the 392 that a squared error averaged over the pixels assumes, 1, one learned by the same step as a logarithm that begins at the variance of the pixels, the optimal shared one, and the optimal one of each pixel (at least %g). "+
			"Figures are the negative evidence lower bound of the 10,000 test images, in nats an image for pixels from 0 to 1, lower is better. Those trained at a fixed variance are judged at the best variance of the training images, which is more than fair to them; the learned one at what it learned. "+
			"The importance-weighted bound is that of the first %d test images.", autoencoderEpochs, leastVariance, weightedImages),
		Run: func(ctx context.Context, lab *Lab) ([]Figure, error) {
			train, err := lab.Train()
			if err != nil {
				return nil, err
			}
			test, err := lab.Test()
			if err != nil {
				return nil, err
			}
			a := autoencoders{lab: lab, train: train, test: test, hidden: 256, latent: 16, epochs: autoencoderEpochs, weighted: weightedImages}
			return a.run(ctx)
		},
	}
}

const (
	autoencoderEpochs = 9
	leastVariance     = 1e-4 // of a pixel: below it, one stray dot in a corner decides the figure
	weightedImages    = 1000 // images with an importance-weighted bound
	weightedCodes     = 50   // that it draws of each
)

// autoencoders is the experiment, at any size.
type autoencoders struct {
	lab            *Lab
	train, test    dataset.Source
	hidden, latent int
	epochs         int
	weighted       int // test images with an importance-weighted bound
}

// decoderVariant is a way to choose the variance, and what it came to.
type decoderVariant struct {
	name      string
	objective vae.Objective
	freeze    vae.Scale

	model  *vae.Model[float32]
	ledger *vae.Ledger
	bound  losses.Estimate // importance-weighted
}

func decoderVariants() []*decoderVariant {
	learned, perPixel := vae.Plain(), vae.Plain()
	learned.Scale = vae.Learned
	perPixel.Scale, perPixel.Bounds.Min = vae.PerDimension, leastVariance
	return []*decoderVariant{
		{name: "averaged error", objective: vae.At(vae.VarianceOfBeta(784))},
		{name: "σ = 1", objective: vae.At(1)},
		{name: "learned σ", objective: learned},
		{name: "optimal σ", objective: vae.Plain()},
		{name: "optimal per pixel", objective: perPixel, freeze: vae.PerDimension},
	}
}

func (a autoencoders) run(ctx context.Context) ([]Figure, error) {
	all := decoderVariants()
	described, err := dataset.Describe(ctx, dataset.First(a.train, 10_000))
	if err != nil {
		return nil, err
	}
	for _, v := range all {
		if err := a.fit(ctx, v, described); err != nil {
			return nil, fmt.Errorf("%s: %w", v.name, err)
		}
	}
	if err := a.draw(all); err != nil {
		return nil, err
	}
	return decoderFigures(all), nil
}

// fit trains a variant and judges it.
func (a autoencoders) fit(ctx context.Context, v *decoderVariant, pixels *dataset.Description) error {
	rng := rand.New(rand.NewPCG(a.lab.Seed, 0))
	v.model = vae.NewMLP[float32](a.train.Info().Shape, []int{a.hidden}, a.latent, vae.Gaussian, rng)
	for _, part := range []nn.Layer[float32]{v.model.Encoder, v.model.Decoder} {
		if err := moments.Initialize(part, rng, moments.LeCun[float32]()); err != nil {
			return err
		}
	}
	v.model.BoundMean(pixels.Mean)
	if v.objective.Scale == vae.Learned {
		v.model.LearnVariance(pixels.Std * pixels.Std)
	}
	const batch, rate = 64, 0.003
	step := optim.AdamStep[float32](rate)
	step.Rate = optim.Cosine{From: rate, Steps: a.epochs * max(1, a.train.Len()/batch)}
	_, err := vae.Fit(ctx, v.model, a.train, vae.Config{
		Objective: v.objective, BatchSize: batch, Epochs: a.epochs, Seed: a.lab.Seed, Step: step, Freeze: v.freeze,
		OnEpoch: func(e vae.Epoch) {
			a.lab.Say(fmt.Sprintf("%s: epoch %d of %d, rate %.1f nats", v.name, e.Epoch, a.epochs, e.Rate))
		},
	})
	if err != nil {
		return err
	}
	if v.objective.Scale == vae.Fixed {
		residuals, err := vae.Residuals(ctx, v.model, a.train, a.lab.Seed)
		if err != nil {
			return err
		}
		if err := v.model.SetVariance(residuals.Shared()); err != nil {
			return err
		}
	}
	if v.ledger, err = vae.Measure(ctx, v.model, a.test, vae.Measurement{Trained: v.objective, Samples: 1, Seed: a.lab.Seed}); err != nil {
		return err
	}
	v.bound, err = vae.ImportanceBound(ctx, v.model, dataset.First(a.test, a.weighted), weightedCodes, a.lab.Seed)
	return err
}

// agreement is how far, in nats, two ways to one optimum may end apart.
const agreement = 10

// decoderFigures holds the variants to their order.
func decoderFigures(all []*decoderVariant) []Figure {
	negative := func(i int) float64 { return all[i].ledger.Negative.Mean }
	averaged, unit, learned, shared, pixel := 0, 1, 2, 3, 4
	const nats = "%.0f"
	f := []Figure{
		Between("averaged error (σ² = 392): negative bound", negative(averaged), nats, 51, 61, "56: the mean image with one variance; +56 in an untuned trial"),
		AtMost("averaged error: rate of the code (nats)", all[averaged].ledger.Rate, "%.3f", 0.01, "0: no direction of the data varies by 392, so that no code pays its way"),
		AtMost("σ = 1: negative bound", negative(unit), nats, -212, "−212 in an untuned trial of 12 epochs"),
		AtMost("learned σ: negative bound", negative(learned), nats, negative(unit), "must be below σ = 1"),
		AtMost("optimal shared σ: negative bound", negative(shared), nats, -615, "−615 in an untuned trial of 12 epochs"),
		Between("optimal shared σ less learned σ", negative(shared)-negative(learned), nats, -agreement, agreement, "0: both maximise one bound; the optimal needs no parameter, no rate and no start"),
		AtMost("optimal σ of each pixel: negative bound", negative(pixel), nats, negative(shared), "must be below the shared, by Jensen's inequality on the training images"),
	}
	for _, v := range all {
		f = append(f, Shown(v.name+": importance-weighted bound, negative", -v.bound.Mean, "%.1f", fmt.Sprintf("± %.1f (standard error over %d images, %d codes each)", v.bound.StandardError, v.bound.Samples, weightedCodes)))
	}
	for _, v := range all {
		f = append(f, Shown(v.name+": active units", float64(v.ledger.Active), "%.0f", fmt.Sprintf("of %d; rate %.1f nats, root mean square error %.4f", v.ledger.Latent, v.ledger.Rate, math.Sqrt(v.ledger.MeanSquare))))
	}
	return f
}

// draw shows samples of all variants, from the same codes, and what they make
// of the same test images.
func (a autoencoders) draw(all []*decoderVariant) error {
	const columns = 10
	shape := a.test.Info().Shape
	x := tensor.New[float32](append([]int{columns}, shape...)...)
	for i := range columns {
		if _, err := a.test.Read(i, x.Row(i)); err != nil {
			return err
		}
	}
	row := func(name string, y *tensor.Tensor[float32]) report.GridRow {
		r := report.GridRow{Name: name}
		for i := range columns {
			r.Images = append(r.Images, report.Image{Shape: shape, Data: y.Row(i)})
		}
		return r
	}
	samples := report.Grid{Title: "the same codes, drawn from the prior, decoded"}
	decoded := report.Grid{Title: "test images, and what the mean of their code decodes to", Rows: []report.GridRow{row("test image", x)}}
	for _, v := range all {
		samples.Rows = append(samples.Rows, row(v.name, v.model.Sample(columns, rand.New(rand.NewPCG(a.lab.Seed, 1)), false)))
		decoded.Rows = append(decoded.Rows, row(v.name, v.model.Reconstruct(x)))
	}
	a.lab.Draw("autoencoder-samples.png", "Samples of five autoencoders that differ in the decoder variance alone.", samples)
	a.lab.Draw("autoencoder-decoded.png", "Test images through five autoencoders that differ in the decoder variance alone.", decoded)
	return nil
}
