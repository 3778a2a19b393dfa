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

// Expectation estimates E f over a known generator: draw makes one
// observation of f from the generator. It takes samples ≥ 2 draws from rng, one
// after the other.
func Expectation(samples int, rng *rand.Rand, draw func(*rand.Rand) float64) (Estimate, error) {
	if samples < 2 {
		return Estimate{}, domain.Errorf(domain.InvalidParameter, "%d samples: want at least 2, for a standard error", samples)
	}
	var mean, squares float64
	for i := range samples { // Welford: no cancellation of large sums
		v := draw(rng)
		d := v - mean
		mean += d / float64(i+1)
		squares += d * (v - mean)
	}
	return Estimate{mean, math.Sqrt(squares / float64(samples-1) / float64(samples)), samples}, nil
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
	x := make([]X, 0, max(samples, 0))
	var err error
	s := &MonteCarloSplit{}
	s.CrossEntropy, err = Expectation(samples, rng, func(r *rand.Rand) float64 {
		x = append(x, d.Draw(r))
		return -d.LogModel(x[len(x)-1])
	})
	if err != nil {
		return nil, err
	}
	over := func(f func(X) float64) Estimate {
		i := -1
		e, _ := Expectation(samples, rng, func(*rand.Rand) float64 { i++; return f(x[i]) })
		return e
	}
	s.Entropy = over(func(x X) float64 { return -d.LogTarget(x) })
	s.KL = over(func(x X) float64 {
		ratio := d.LogModel(x) - d.LogTarget(x)
		if d.Control {
			return expm1m(ratio)
		}
		return -ratio
	})
	return s, nil
}
