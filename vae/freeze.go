package vae

import (
	"context"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// freeze sets the variance of a trained Gaussian decoder: the fixed or learned
// one, or else the optimum over the training data with one code of each example.
func freeze(ctx context.Context, m *Model[float32], source Source, c Config) ([]float64, error) {
	if m.Likelihood == Bernoulli {
		return nil, nil
	}
	var variance []float64
	switch c.Objective.Scale {
	case Fixed:
		variance = []float64{c.Objective.Variance}
	case Learned:
		for _, l := range m.LogVariance.Value.Data {
			variance = append(variance, math.Exp(float64(l)))
		}
	default:
		s, err := Residuals(ctx, m, source, c.Seed)
		if err != nil {
			return nil, err
		}
		variance = []float64{s.Shared()}
		if c.Freeze == PerDimension {
			variance = s.PerDimension()
		}
		for i, v := range variance {
			variance[i] = clampVariance(v, c.Objective.Bounds.Min, c.Objective.Bounds.Max)
		}
	}
	return variance, m.SetVariance(variance...)
}

// SetVariance freezes the variance of a Gaussian decoder: one, or one for each
// number of the input, finite and above 0. With the variance from [Residuals] on
// the training data, a model that was trained at a fixed variance is judged at
// its best one.
func (m *Model[F]) SetVariance(variance ...float64) error {
	if d := tensor.Size(m.Input); m.Likelihood != Gaussian || len(variance) != 1 && len(variance) != d {
		return fmt.Errorf("vae: %d variances for a %s decoder of %d numbers: want 1 or %d, and %s", len(variance), m.Likelihood, d, d, Gaussian)
	}
	frozen := tensor.New[F](len(variance))
	for i, v := range variance {
		if frozen.Data[i] = F(v); !positive(float64(frozen.Data[i])) {
			return invalid("variance %d is %v: want a finite number above 0; the objective's Bounds keep it there", i, v)
		}
	}
	m.Variance = &nn.Buffer[F]{Value: frozen}
	return nil
}

// Residuals streams the residuals of a model on a source, with one code drawn of
// each example: from them come the best variances on these data, to freeze or
// to compare.
func Residuals(ctx context.Context, m *Model[float32], source Source, seed uint64) (*Stream, error) {
	s := NewStream(tensor.Size(m.Input))
	err := each(ctx, m, source, 1, seed, func(b *draws) {
		for i := range b.x.Shape[0] {
			s.addRow(b.x.Row(i), b.mean.Row(i))
		}
	})
	return s, err
}
