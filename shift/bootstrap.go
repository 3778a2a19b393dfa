package shift

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
)

// Sample is what an estimator of priors sees: unlabelled posteriors of the
// target, and where it needs them labelled ones of the source.
type Sample struct {
	Target losses.Probs
	Source losses.Probs // may have no rows
	Labels []int        // one for each row of Source
}

// Bootstrap returns percentile intervals for the numbers that estimate makes
// of the sample: both of its parts are drawn again with replacement, so that
// the noise of the source counts too. The intervals cover as promised where
// the numbers lie inside their range; on its boundary, such as a prior of 0,
// they may not. An error of any resample is returned.
// Source: Efron and Tibshirani 1993, ch. 13.
func (s Sample) Bootstrap(resamples int, confidence float64, rng *rand.Rand, estimate func(Sample) ([]float64, error)) ([]losses.Interval, error) {
	if resamples < 2 || !(confidence > 0 && confidence < 1) {
		return nil, domain.Errorf(domain.InvalidParameter, "%d resamples at confidence %v: want at least 2, and a confidence in (0, 1)", resamples, confidence)
	}
	if s.Target.Rows() == 0 || s.Source.Rows() != len(s.Labels) {
		return nil, domain.Errorf(domain.ShapeMismatch, "%d target rows, %d source rows and %d labels: want target rows, and a label for each source row", s.Target.Rows(), s.Source.Rows(), len(s.Labels))
	}
	var draws [][]float64
	for r := range resamples {
		values, err := estimate(s.resample(rng))
		if err != nil {
			return nil, fmt.Errorf("resample %d: %w", r, err)
		}
		if draws == nil {
			draws = make([][]float64, len(values))
		}
		for k, v := range values {
			draws[k] = append(draws[k], v)
		}
	}
	intervals := make([]losses.Interval, len(draws))
	for k, d := range draws {
		slices.Sort(d)
		intervals[k] = losses.Interval{Low: losses.Quantile(d, (1-confidence)/2), High: losses.Quantile(d, (1+confidence)/2)}
	}
	return intervals, nil
}

func (s Sample) resample(rng *rand.Rand) Sample {
	r := Sample{Labels: make([]int, len(s.Labels))}
	r.Target.Classes, r.Source.Classes = s.Target.Classes, s.Source.Classes
	for range s.Target.Rows() {
		r.Target.Data = append(r.Target.Data, s.Target.Row(rng.IntN(s.Target.Rows()))...)
	}
	for i := range r.Labels {
		at := rng.IntN(len(s.Labels))
		r.Source.Data = append(r.Source.Data, s.Source.Row(at)...)
		r.Labels[i] = s.Labels[at]
	}
	return r
}
