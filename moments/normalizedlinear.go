package moments

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// normalizedLinear is a linear layer with the weights that the norms leave:
// where they are not regularised each row has length 1, or |γ|, and the
// variance of its outputs is that of the inputs, whatever the scale of the
// weights.
func normalizedLinear[F tensor.Float](l *nn.NormalizedLinear[F], in Moments) (Moments, Pull, error) {
	if err := l.CheckNorms(); err != nil {
		return Moments{}, nil, err
	}
	effective, bias := normalisedWeights(l)
	w := weights{out: effective.Shape[0], in: effective.Shape[1]}
	w.mean, w.variance = sample(effective.Data)
	if bias != nil {
		w.biasMean, w.biasVariance = sample(bias)
	}
	return linear(w, in)
}

// normalisedWeights returns the weights and biases of the linear layer that l
// is.
func normalisedWeights[F tensor.Float](l *nn.NormalizedLinear[F]) (*tensor.Tensor[float64], []float64) {
	w := tensor.Convert[float64](l.Weight.Value)
	var bias []float64
	if l.Bias != nil {
		bias = append(bias, tensor.Convert[float64](l.Bias.Value).Data...)
	}
	for i := range w.Shape[0] {
		n := simd.Norm(w.Row(i))
		switch l.Norm {
		case nn.NormSqrt:
			n = math.Hypot(n, l.Delta)
		case nn.NormMax:
			n = max(n, l.Delta)
		}
		gamma := 1.0
		if l.Gamma != nil {
			gamma = float64(l.Gamma.Value.Data[i])
		} else if bias != nil {
			bias[i] /= n
		}
		for j := range w.Row(i) {
			w.Row(i)[j] *= gamma / n
		}
	}
	return w, bias
}
