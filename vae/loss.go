package vae

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Optimum is the loss of a decoder at its optimal variance.
type Optimum struct {
	Loss               float64       // (d/2)·log mse, or Σ_j ½·log mse_j: the constants are left out
	Gradient           [][][]float64 // of the loss in mu, [B][S][d]
	NegativeLogDensity float64       // −E log p(x|z) at the optimum: Loss + (d/2)·(log 2π + 1)
}

// OptimalLoss returns the negative reconstruction term of the bound after the
// best variance has been put in, for data x [B][d] and decoder means mu
// [B][S][d], with one variance ([Shared]) or one for each dimension
// ([PerDimension]), and its gradient. It is [OptimalGaussian] on a tape of
// float64: what training calls.
//
// Where a variance is 0 the loss has no minimum and no gradient: an
// invalid_parameter; [ClampedVariance] has one there. Another scale is one too.
// Source: docs/optimal-variance-vae.md.
func OptimalLoss(x [][]float64, mu [][][]float64, scale Scale) (*Optimum, error) {
	if scale != Shared && scale != PerDimension {
		return nil, invalid("scale %v: want shared or per dimension", scale)
	}
	v, err := OptimalVariance(x, mu)
	if err != nil {
		return nil, err
	}
	if v.DegenerateShared || scale == PerDimension && v.DegeneratePerDimension {
		return nil, invalid("a variance is 0, where the loss has no minimum: want residuals, or bounds on the variance")
	}
	b, s, d := len(x), len(mu[0]), len(x[0])
	data, means := tensor.New[float64](b, d), tensor.New[float64](b*s, d)
	for i, samples := range mu {
		copy(data.Row(i), x[i])
		for j, m := range samples {
			copy(means.Row(i*s+j), m)
		}
	}
	tape := autodiff.NewTape[float64]()
	mean := tape.Variable(means)
	loss := OptimalGaussian(mean, data, scale, Unbounded())
	tape.Backward(loss)
	o := &Optimum{NegativeLogDensity: loss.Value.Data[0], Gradient: make([][][]float64, b)}
	o.Loss = o.NegativeLogDensity - float64(d)/2*(log2Pi+1)
	for i := range o.Gradient {
		o.Gradient[i] = make([][]float64, s)
		for j := range s {
			at := (i*s + j) * d
			o.Gradient[i][j] = append([]float64(nil), mean.Grad.Data[at:at+d]...)
		}
	}
	return o, nil
}
