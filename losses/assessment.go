package losses

import (
	"context"
	"math/rand/v2"
)

// Assessment is how far the probabilities of a classifier can be trusted.
type Assessment struct {
	Accuracy float64
	LogScore Estimate // of all classes: mean −log p(label), in nats
	Brier    Estimate // of all classes: mean Σ_k (p_k − [label = k])²

	// The rest is of the forecasts "the largest class is right": see [TopLabel].
	Bins   []Bin
	Error  CalibrationError // over Bins
	PValue float64          // of being calibrated, by [Forecasts.CalibrationTest] with the score Brier
	Parts  []ScoreParts     // of the scores Brier and Log
}

// ScoreParts are the parts of a score, with their intervals.
type ScoreParts struct {
	Name string // "Brier" or "log"
	Decomposition
	Intervals *DecompositionIntervals
}

// AssessOptions says how an assessment is made.
type AssessOptions struct {
	Bins       int     // of equal width, at least 1
	Resamples  int     // of the bootstrap, at least 2, and draws of the test of calibration
	Confidence float64 // of intervals, in (0, 1)
}

// Assess measures softmax(z) against the labels, on two rows or more. The rows
// must be new to the network, and to a calibration of it.
func Assess(ctx context.Context, z Logits, labels []int, o AssessOptions, rng *rand.Rand) (*Assessment, error) {
	if err := z.Check(); err != nil {
		return nil, err
	}
	l := z.LogProbs()
	p := l.Probs()
	f, err := TopLabel(p, labels)
	if err != nil {
		return nil, err
	}
	a := &Assessment{}
	if a.LogScore, err = EstimateMean(len(labels), func(i int) float64 { return -l.Row(i)[labels[i]] }); err != nil {
		return nil, err
	}
	if a.Brier, err = EstimateMean(len(labels), func(i int) float64 {
		var s float64
		for k, v := range p.Row(i) {
			s += Brier(v, k == labels[i])
		}
		return s
	}); err != nil {
		return nil, err
	}
	right := 0
	for _, is := range f.Events {
		if is {
			right++
		}
	}
	a.Accuracy = float64(right) / float64(len(labels))
	if a.Bins, err = f.Reliability(EqualWidth(o.Bins)); err != nil {
		return nil, err
	}
	a.Error = ErrorOf(a.Bins)
	for _, s := range []struct {
		name  string
		score Score
	}{{"Brier", Brier}, {"log", Log}} {
		parts := ScoreParts{Name: s.name}
		if parts.Decomposition, err = f.Decompose(s.score); err != nil {
			return nil, err
		}
		if parts.Intervals, err = f.Bootstrap(ctx, s.score, o.Resamples, o.Confidence, rng); err != nil {
			return nil, err
		}
		a.Parts = append(a.Parts, parts)
	}
	a.PValue, err = f.CalibrationTest(ctx, Brier, o.Resamples, rng)
	return a, err
}
