package losses

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Estimate is a sample mean with its standard error.
type Estimate struct {
	Mean, StandardError float64
	Samples             int
}

// Interval is a range that holds a number with a stated probability.
type Interval struct{ Low, High float64 }

// Interval returns mean ∓ z·(standard error), where z is the normal quantile:
// by the central limit theorem it holds the expectation with about the given
// confidence, in (0, 1), if the variance is finite and the sample not small.
func (e Estimate) Interval(confidence float64) Interval {
	half := normalQuantile(confidence) * e.StandardError
	return Interval{e.Mean - half, e.Mean + half}
}

// normalQuantile returns z with P(|Z| ≤ z) = confidence.
func normalQuantile(confidence float64) float64 { return math.Sqrt2 * math.Erfinv(confidence) }

// EstimateMean returns the mean of f(0), …, f(n−1), n ≥ 2, called in order, as
// an estimate of the expectation of which they are independent draws.
func EstimateMean(n int, f func(i int) float64) (Estimate, error) {
	if n < 2 {
		return Estimate{}, domain.Errorf(domain.InvalidParameter, "%d samples: want at least 2, for a standard error", n)
	}
	var mean, squares float64
	for i := range n { // Welford: no cancellation of large sums
		v := f(i)
		d := v - mean
		mean += d / float64(i+1)
		squares += d * (v - mean)
	}
	return Estimate{mean, math.Sqrt(squares / float64(n-1) / float64(n)), n}, nil
}

// Expectation estimates E f over a known generator: draw makes one
// observation of f from the generator, samples ≥ 2 times, one after the other.
func Expectation(samples int, rng *rand.Rand, draw func(*rand.Rand) float64) (Estimate, error) {
	return EstimateMean(samples, func(int) float64 { return draw(rng) })
}

// MonteCarloSplit is KL, CE and H of a pair of densities, estimated from draws
// of the target. CE and H share the draws of KL.
type MonteCarloSplit struct{ KL, CrossEntropy, Entropy Estimate }

// Densities is a pair of densities over X, one of which can be drawn from.
type Densities[X any] struct {
	Draw                func(*rand.Rand) X // from the target
	LogTarget, LogModel func(X) float64
	// Control adds p/p* − 1, of mean 0, to the terms of KL, which makes each of
	// them ≥ 0 and, where the densities nearly agree, far less variable. It
	// needs a target that covers the model, with E p/p* finite: not so where
	// the model has the heavier tails.
	Control bool
}

// MonteCarlo estimates the split of d from samples ≥ 2 draws.
func (d Densities[X]) MonteCarlo(samples int, rng *rand.Rand) (*MonteCarloSplit, error) {
	if samples < 2 {
		return nil, domain.Errorf(domain.InvalidParameter, "%d samples: want at least 2, for a standard error", samples)
	}
	target, model := make([]float64, samples), make([]float64, samples)
	for i := range samples {
		x := d.Draw(rng)
		target[i], model[i] = d.LogTarget(x), d.LogModel(x)
	}
	over := func(f func(i int) float64) Estimate {
		e, _ := EstimateMean(samples, f) // the number of samples is checked above
		return e
	}
	return &MonteCarloSplit{
		KL: over(func(i int) float64 {
			if d.Control {
				return expm1m(model[i] - target[i])
			}
			return target[i] - model[i]
		}),
		CrossEntropy: over(func(i int) float64 { return -model[i] }),
		Entropy:      over(func(i int) float64 { return -target[i] }),
	}, nil
}
