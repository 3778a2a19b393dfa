package shift_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
)

// twoNormals draws logits of x ~ N(±1, 1), overconfident by a factor of two,
// with the share of class 1 that is given.
func twoNormals(n int, share float64, seed uint64) (losses.Logits, []int) {
	rng := rand.New(rand.NewPCG(seed, 7))
	z, labels := losses.Logits{Table: losses.Table{Classes: 2}}, make([]int, n)
	for i := range labels {
		x := rng.NormFloat64() - 1
		if rng.Float64() < share {
			labels[i] = 1
			x += 2
		}
		z.Data = append(z.Data, 0, 2*2*x)
	}
	return z, labels
}

func TestCorrectedLogitsAreReweightedPosteriors(t *testing.T) {
	source, labels := twoNormals(2000, 0.5, 1)
	target, _ := twoNormals(2000, 0.1, 2)
	a, err := shift.Adapt(source, labels, target, 1e-6, 1e-9)
	if err != nil {
		t.Fatal(err)
	}
	c, err := shift.CorrectLogits(a.Calibration, a.Train, a.Maximum.Prior)
	if err != nil {
		t.Fatal(err)
	}
	z := losses.Logits{Table: losses.Table{Classes: 2}}
	for at, v := range target.Data {
		z.Data = append(z.Data, c.Scale*v+c.Bias[at%2])
	}
	for at, p := range z.Probs().Data {
		if want := a.Corrected.Posterior.Data[at]; math.Abs(p-want) > 1e-12 {
			t.Fatalf("number %d is %v, want %v", at, p, want)
		}
	}
	if excluded, err := shift.CorrectLogits(nil, []float64{0.5, 0.5}, []float64{1, 0}); err != nil || !math.IsInf(excluded.Bias[1], -1) {
		t.Errorf("a class of prior 0: got %v, %v, want the bias −Inf", excluded, err)
	}
}

func TestAdaptationBootstrapCoversAndStops(t *testing.T) {
	source, labels := twoNormals(800, 0.5, 3)
	covered := 0
	const trials = 40
	for trial := range uint64(trials) {
		target, _ := twoNormals(400, 0.2, 10+trial)
		a, err := shift.Adapt(source, labels, target, 1e-6, 1e-8)
		if err != nil {
			t.Fatal(err)
		}
		intervals, err := a.Bootstrap(labels, 1e-6, 1e-8, 50, 0.9, rand.New(rand.NewPCG(trial, 1)), func() error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if intervals[1].Low <= 0.2 && 0.2 <= intervals[1].High {
			covered++
		}
	}
	// Binomial(40, 0.9) is below 29 with a chance of about 0.1 %.
	if covered < 29 {
		t.Errorf("%d of %d intervals of 90 %% hold the prior", covered, trials)
	}
	target, _ := twoNormals(400, 0.2, 10)
	a, err := shift.Adapt(source, labels, target, 1e-6, 1e-8)
	if err != nil {
		t.Fatal(err)
	}
	stop := errors.New("stop")
	if _, err := a.Bootstrap(labels, 1e-6, 1e-8, 50, 0.9, rand.New(rand.NewPCG(1, 1)), func() error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the error that stopped it", err)
	}
}

func TestMeasuredAccuracyIsPromised(t *testing.T) {
	source, labels := twoNormals(20000, 0.5, 4)
	target, truth := twoNormals(20000, 0.1, 5)
	a, err := shift.Adapt(source, labels, target, 1e-6, 1e-9)
	if err != nil {
		t.Fatal(err)
	}
	promised, err := shift.CompareDecisions(a.Corrected.Posterior, target.Argmax(), a.Corrected.Decisions)
	if err != nil {
		t.Fatal(err)
	}
	measured, err := shift.MeasureAccuracy(truth, target.Argmax(), a.Corrected.Decisions, 2)
	if err != nil {
		t.Fatal(err)
	}
	// The standard errors are 0.0025 each.
	if math.Abs(promised.Before.Mean-measured.Before.Mean) > 0.012 || math.Abs(promised.After.Mean-measured.After.Mean) > 0.012 {
		t.Errorf("promised %.4f, %.4f; measured %.4f, %.4f", promised.Before.Mean, promised.After.Mean, measured.Before.Mean, measured.After.Mean)
	}
	if measured.Gain.Mean < 0.02 {
		t.Errorf("the correction gains %.4f, want at least 0.02", measured.Gain.Mean)
	}
	if _, err := shift.MeasureAccuracy([]int{0, 1}, []int{0, 1}, []int{0, 2}, 2); err == nil {
		t.Error("a decision outside the classes was taken")
	}
}
