package moments

import (
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// weights are the moments of a layer's weights as they are drawn, taken to be
// independent of each other.
type weights struct {
	out, in                int
	mean, variance         float64
	biasMean, biasVariance float64
}

func (w weights) second() float64 { return w.variance + w.mean*w.mean }

// weightsOf measures a matrix [out, in] and a bias, which may be nil.
func weightsOf[F tensor.Float](weight, bias *nn.Param[F]) weights {
	w := weights{out: weight.Value.Shape[0], in: weight.Value.Shape[1]}
	w.mean, w.variance = sample(weight.Value.Data)
	if bias != nil {
		w.biasMean, w.biasVariance = sample(bias.Value.Data)
	}
	return w
}

// sample returns the mean and the variance about it, with the divisor n.
func sample[F tensor.Float](x []F) (mean, variance float64) {
	for _, v := range x {
		mean += float64(v)
	}
	mean /= float64(len(x))
	for _, v := range x {
		d := float64(v) - mean
		variance += d * d
	}
	return mean, variance / float64(len(x))
}

// linear: a sum of in terms, E y = n·m_w·E x + m_b and
// V y = n·(v_w·E x² + m_w²·V x) + v_b; two examples share n·(v_w·E xx' +
// m_w²·Cov(x, x')) + v_b of it. The inputs may be correlated unless the weights
// have a mean.
func linear(w weights, in Moments) (Moments, Pull, error) {
	if len(in.Shape) != 1 || in.Shape[0] != w.in {
		return Moments{}, nil, mismatch("input of shape %v: want [%d]", in.Shape, w.in)
	}
	x, n := in.Pooled(), float64(w.in)
	y := Cell{
		Mean:       n*w.mean*x.Mean + w.biasMean,
		Variance:   n*(w.variance*x.second()+w.mean*w.mean*x.Variance) + w.biasVariance,
		Covariance: n*(w.variance*(x.Covariance+x.Mean*x.Mean)+w.mean*w.mean*x.Covariance) + w.biasVariance,
	}
	pull := func(g []float64) []float64 {
		return []float64{float64(w.out) * w.second() * average(g)}
	}
	return in.of([]int{w.out}, []Cell{y}), pull, nil
}

func average(g []float64) float64 {
	sum := 0.0
	for _, v := range g {
		sum += v
	}
	return sum / float64(len(g))
}
