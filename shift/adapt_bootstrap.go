package shift

import (
	"math/rand/v2"

	"github.com/gradus-ml/gradus/losses"
)

// Bootstrap returns percentile intervals for the estimated target prior. Each
// resample of labelled and unlabelled rows is calibrated anew, so that the
// intervals hold the noise of the calibration too; ridge and tolerance are
// those of [Adapt], labels those of the source. Before every resample it asks
// proceed, whose error stops it and is returned.
func (a *Adaptation) Bootstrap(labels []int, ridge, tolerance float64, resamples int, confidence float64, rng *rand.Rand, proceed func() error) ([]losses.Interval, error) {
	sample := Sample{Target: a.Target, Source: a.Source, Labels: labels}
	return sample.Bootstrap(resamples, confidence, rng, func(s Sample) ([]float64, error) {
		if err := proceed(); err != nil {
			return nil, err
		}
		// Calibrated log-posteriors are logits of the same network but for a
		// calibration, which is fitted again.
		again, err := Adapt(s.Source.LogProbs().Logits(), s.Labels, s.Target.LogProbs().Logits(), ridge, tolerance)
		if err != nil {
			return nil, err
		}
		return again.Maximum.Prior, nil
	})
}
