package vae

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/losses"
)

// ImportanceBound returns the importance-weighted bound on the log-likelihood,
//
//	E log (1/K)·Σ_k p(x|z_k)·p(z_k)/q(z_k|x),  z_k drawn from q(z|x),
//
// in nats per example, with the standard error of the mean over examples. K = 1
// is the evidence lower bound; the bound rises with K to log p(x). The sum is
// taken in the log domain. Data must be at least 2 examples.
// Source: Burda, Grosse and Salakhutdinov 2016.
func ImportanceBound(ctx context.Context, m *Model[float32], source Source, k int, seed uint64) (losses.Estimate, error) {
	scores, err := ImportanceScores(ctx, m, source, k, seed)
	if err != nil {
		return losses.Estimate{}, err
	}
	return losses.EstimateMean(len(scores), func(i int) float64 { return -scores[i] })
}

// ImportanceScores is [Scores] with the tighter bound: the negative
// importance-weighted bound of each example, from k codes.
func ImportanceScores(ctx context.Context, m *Model[float32], source Source, k int, seed uint64) ([]float64, error) {
	scores := make([]float64, 0, length(source))
	var weights []float64
	err := each(ctx, m, source, k, seed, func(b *draws) {
		for i := range b.x.Shape[0] {
			weights = weights[:0]
			for s := range k {
				weights = append(weights, b.logWeight(i*k+s))
			}
			scores = append(scores, -logMeanExp(weights))
		}
	})
	return scores, err
}

// logMeanExp returns log of the mean of e^w, about the largest w.
func logMeanExp(w []float64) float64 {
	top := math.Inf(-1)
	for _, v := range w {
		top = max(top, v)
	}
	if math.IsInf(top, 0) || math.IsNaN(top) {
		return top
	}
	sum := 0.0
	for _, v := range w {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum/float64(len(w)))
}

// Scores returns how unlikely the model finds each example: its negative
// evidence lower bound in nats, averaged over the given number of codes. A
// threshold for anomalies is a quantile of the scores of normal data
// (losses.Quantile), not of the training data themselves.
func Scores(ctx context.Context, m *Model[float32], source Source, samples int, seed uint64) ([]float64, error) {
	scores := make([]float64, 0, length(source))
	err := each(ctx, m, source, samples, seed, func(b *draws) {
		for i := range b.x.Shape[0] {
			scores = append(scores, b.distortion(i)+b.rate(i))
		}
	})
	return scores, err
}

// distortion is the mean of −log p(x|z) over the codes of example i.
func (b *draws) distortion(i int) float64 {
	sum := 0.0
	for s := range b.samples {
		sum += b.negativeLogLikelihood(i*b.samples + s)
	}
	return sum / float64(b.samples)
}

// rate is the divergence of the code of example i from the prior.
func (b *draws) rate(i int) float64 {
	sum := 0.0
	for j := range b.model.Latent {
		sum += b.kl(i, j)
	}
	return sum
}

// length is how many examples a source has, for room in advance.
func length(source Source) int {
	if source == nil {
		return 0
	}
	return source.Len()
}
