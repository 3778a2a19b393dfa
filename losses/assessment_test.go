package losses_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/losses"
)

// A calibrated classifier passes; the same with doubled logits is found out,
// and its temperature repairs it.
func TestAssessment(t *testing.T) {
	rng := rand.New(rand.NewPCG(31, 32))
	options := losses.AssessOptions{Bins: 15, Resamples: 100, Confidence: 0.95}
	z, labels := generated(4000, 5, rng)
	hot := losses.Logits{Table: losses.Table{Classes: 5}}
	for _, v := range z.Data {
		hot.Data = append(hot.Data, 2*v)
	}
	good := must(losses.Assess(t.Context(), z, labels, options, rng))(t)
	bad := must(losses.Assess(t.Context(), hot, labels, options, rng))(t)
	if good.PValue < 0.02 || math.Abs(good.Error.Debiased) > 0.02 {
		t.Errorf("calibrated: p = %v, error %+v", good.PValue, good.Error)
	}
	if bad.PValue > 0.02 || bad.Error.Debiased < 0.08 || bad.LogScore.Mean < good.LogScore.Mean || bad.Brier.Mean < good.Brier.Mean {
		t.Errorf("too sure: %+v", bad)
	}
	if good.Accuracy != bad.Accuracy {
		t.Errorf("accuracies %v and %v of the same answers", good.Accuracy, bad.Accuracy)
	}
	for _, part := range bad.Parts {
		i := part.Intervals
		if sum := part.Miscalibration - part.Discrimination + part.Uncertainty; math.Abs(sum-part.Mean) > 1e-12 || !(i.Mean.Low <= part.Mean && part.Mean <= i.Mean.High) {
			t.Errorf("%+v with %+v", part, i)
		}
	}
	cold := must(losses.FitTemperature(hot, labels))(t)
	if again := must(losses.Assess(t.Context(), cold.Apply(hot), labels, options, rng))(t); math.Abs(again.LogScore.Mean-good.LogScore.Mean) > 0.005 {
		t.Errorf("log score %v after temperature scaling, want about %v", again.LogScore.Mean, good.LogScore.Mean)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := losses.Assess(stopped, z, labels, options, rng); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if _, err := losses.Assess(t.Context(), z, labels, losses.AssessOptions{Resamples: 100, Confidence: 0.95}, rng); err == nil {
		t.Error("no bins accepted")
	}
}

// The score of what is excluded and happens all the same is infinite, and so
// are quantiles of it: not NaN.
func TestQuantileBetweenInfinities(t *testing.T) {
	if q := losses.Quantile([]float64{1, math.Inf(1), math.Inf(1)}, 0.9); !math.IsInf(q, 1) {
		t.Errorf("quantile %v", q)
	}
}
