package vae

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/tensor"
)

// ActiveVariance is how much the mean of a unit's code must vary over the data,
// as a variance, for the unit to count as active. Source: Burda et al. 2016.
const ActiveVariance = 0.01

// Ledger is what a model pays for data: the negative evidence lower bound in two
// accounts, in nats per example unless said otherwise.
type Ledger struct {
	Examples   int `json:"examples"`
	Dimensions int `json:"dimensions"` // numbers of one example
	Latent     int `json:"latent"`

	Rate       float64         `json:"rate"`       // the code: KL of the encoder from the prior
	Distortion float64         `json:"distortion"` // the rest, given the code: −E log p(x|z) at the frozen variance
	Negative   losses.Estimate `json:"negative"`   // their sum, −ELBO, with its standard error over examples

	BitsPerDimension float64 `json:"bits_per_dimension"` // Negative in bits for each number; data quantised to levels of 1/n cost log2 n more

	UnitRate     []float64 `json:"unit_rate"`     // the rate of each unit
	UnitVariance []float64 `json:"unit_variance"` // of each unit's mean over the data
	Active       int       `json:"active"`        // units whose variance is above ActiveVariance

	MeanSquare   float64   `json:"mean_square"`             // residual per number
	Variance     []float64 `json:"variance,omitempty"`      // frozen, for a Gaussian decoder
	Best         float64   `json:"best,omitempty"`          // Negative if the shared variance were the optimum on these data
	AtUnitSigma  float64   `json:"at_unit_sigma,omitempty"` // Negative if σ were 1, for a Gaussian decoder
	TopDirection float64   `json:"top_direction"`           // the largest variance of the data along any direction

	Alarm Alarm `json:"alarm"`
}

// Measurement says how to measure.
type Measurement struct {
	Trained Objective // what the model was trained on, for the alarm
	Samples int       // codes drawn of each example
	Seed    uint64
}

// Measure returns the ledger of a model on a source of at least 2 examples. The
// rate is exact; the distortion averages over the drawn codes. A Gaussian model
// is judged at its frozen variance, which does not know these data.
func Measure(ctx context.Context, m *Model[float32], source Source, how Measurement) (*Ledger, error) {
	if err := how.Trained.Validate(); err != nil {
		return nil, err
	}
	d := tensor.Size(m.Input)
	l := &Ledger{Examples: length(source), Dimensions: d, Latent: m.Latent, UnitRate: make([]float64, m.Latent)}
	negative, squares := make([]float64, 0, l.Examples), 0.0
	codes, top := newMoments(m.Latent), newTopDirection(d)
	err := each(ctx, m, source, how.Samples, how.Seed, func(b *draws) {
		for i := range b.x.Shape[0] {
			rate, distortion := b.rate(i), b.distortion(i)
			l.Rate, l.Distortion = l.Rate+rate, l.Distortion+distortion
			negative = append(negative, rate+distortion)
			for j := range l.UnitRate {
				l.UnitRate[j] += b.kl(i, j)
			}
			codes.add(b.posterior.Row(i)[:m.Latent])
			top.add(b.x.Row(i))
			squares += b.squaredNorm(i)
		}
	})
	if err != nil {
		return nil, err
	}
	n := float64(l.Examples)
	if l.Negative, err = losses.EstimateMean(len(negative), func(i int) float64 { return negative[i] }); err != nil {
		return nil, err
	}
	l.Rate, l.Distortion = l.Rate/n, l.Distortion/n
	for j := range l.UnitRate {
		l.UnitRate[j] /= n
	}
	l.UnitVariance = codes.variances()
	for _, v := range l.UnitVariance {
		if v > ActiveVariance {
			l.Active++
		}
	}
	l.BitsPerDimension = l.Negative.Mean / (math.Ln2 * float64(d))
	l.MeanSquare = squares / n / float64(d)
	l.TopDirection = top.variance()
	if m.Likelihood == Gaussian {
		for _, v := range m.Variance.Value.Data {
			l.Variance = append(l.Variance, float64(v))
		}
		nats, _ := optimalNats(float64(d), squares/n, 0, math.Inf(1))
		l.Best = nats + l.Rate
		l.AtUnitSigma = gaussianNats(float64(d), squares/n, 1) + l.Rate
	}
	l.Alarm = l.alarm(m.Likelihood, how.Trained)
	return l, nil
}

// squaredNorm is ‖x − μ‖² of example i, averaged over its codes; μ is the
// probability where the likelihood is Bernoulli.
func (b *draws) squaredNorm(i int) float64 {
	x, sum := b.x.Row(i), 0.0
	for s := range b.samples {
		for j, v := range b.mean.Row(i*b.samples + s) {
			mean := float64(v)
			if b.model.Likelihood == Bernoulli {
				mean = 1 / (1 + math.Exp(-mean))
			}
			r := float64(x[j]) - mean
			sum += r * r
		}
	}
	return sum / float64(b.samples)
}
