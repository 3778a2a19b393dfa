package vae

import (
	"context"
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
	m.Variance = &nn.Buffer[float32]{Value: tensor.New[float32](len(variance))}
	for i, v := range variance {
		m.Variance.Value.Data[i] = float32(v)
	}
	return variance, nil
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
