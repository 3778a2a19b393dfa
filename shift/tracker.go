package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// revival is the part of the training prior in every step of a tracker.
const revival = 1e-3

// Tracker follows the priors of a stream of posteriors, one at a time, and
// raises an alarm when they have left the training prior.
type Tracker struct {
	train, prior, posterior, weights []float64
	forgetting                       float64
	logEvidence                      float64 // of change; log of the statistic below
	logThreshold                     float64
}

// NewTracker returns a tracker that starts at the training prior.
//
// Forgetting η in (0, 1) is the weight of the newest posterior: the estimate
// remembers about 1/η of them. After each one,
//
//	π ← (1−η)π + η((1−ε)p_π(·|x) + ε·p),  p_π(k|x) ∝ π_k p(k|x)/p(k)
//
// which is EM with forgetting. The small part ε = 0.001 of the training prior
// p keeps every class above ε·p(k), from where it comes back within a few rows
// when the stream shows it again: without, a class unseen for long would be
// lost for good. The alarm is a Shiryaev–Roberts statistic of
// the one-step predictions, S ← (1 + S)·Z(x) with Z(x) = Σ_k π_k p(k|x)/p(k)
// before x moves π, and rings at S ≥ threshold. While x comes from training,
// E Z = 1 whatever π is, so the mean time to a false alarm is at least the
// threshold, exactly, if posteriors are calibrated. The threshold is > 0.
// Sources: Cappé and Moulines 2009; Shin, Ramdas and Rinaldo 2022.
func NewTracker(train []float64, forgetting, threshold float64) (*Tracker, error) {
	if err := checkPrior("training prior", train, len(train)); err != nil {
		return nil, err
	}
	if !(forgetting > 0 && forgetting < 1) || !(threshold > 0) {
		return nil, domain.Errorf(domain.InvalidParameter, "forgetting %v with threshold %v: want forgetting in (0, 1) and a threshold > 0", forgetting, threshold)
	}
	t := &Tracker{train: normalised(train), forgetting: forgetting, logEvidence: math.Inf(-1), logThreshold: math.Log(threshold)}
	t.prior = append([]float64(nil), t.train...)
	t.posterior, t.weights = make([]float64, len(train)), make([]float64, len(train))
	return t, nil
}

// Observe takes the next posterior p(·|x) under the training prior and returns
// it corrected to the present estimate, valid until the next call. It returns
// an error, and changes nothing, if p is no distribution over the classes or
// is impossible.
func (t *Tracker) Observe(p []float64) ([]float64, error) {
	if err := checkPrior("posterior", p, len(t.train)); err != nil {
		return nil, err
	}
	if !sumsToOne(p) {
		return nil, domain.Errorf(domain.InvalidDistribution, "posterior %v: want a sum of 1", p)
	}
	for k, q := range t.prior {
		t.weights[k] = 0
		if q > 0 {
			t.weights[k] = q / t.train[k]
		}
	}
	z := reweightRow(t.posterior, p, t.weights)
	if z == 0 {
		return nil, domain.Errorf(domain.ZeroNormaliser, "posterior %v has no mass on the classes of training", p)
	}
	t.logEvidence = math.Log(z) + max(t.logEvidence, 0) + math.Log1p(math.Exp(-math.Abs(t.logEvidence)))
	for k, v := range t.posterior {
		t.prior[k] += t.forgetting * (v + revival*(t.train[k]-v) - t.prior[k])
	}
	return t.posterior, nil
}

// Prior returns the present estimate of the priors. The slice is the tracker's.
func (t *Tracker) Prior() []float64 { return t.prior }

// Alarm reports whether the evidence of a shift has reached the threshold.
func (t *Tracker) Alarm() bool { return t.logEvidence >= t.logThreshold }

// Evidence returns the logarithm of the statistic S.
func (t *Tracker) Evidence() float64 { return t.logEvidence }

// Acknowledge resets the evidence, and keeps the estimate.
func (t *Tracker) Acknowledge() { t.logEvidence = math.Inf(-1) }

// TrackerState is all that a [Tracker] remembers of its stream.
type TrackerState struct {
	Prior    []float64
	Evidence float64 // as the method returns it: −Inf before the first row
}

// State returns a copy of what the tracker remembers.
func (t *Tracker) State() TrackerState {
	return TrackerState{append([]float64(nil), t.prior...), t.logEvidence}
}

// Restore takes up the stream where a state left it, to the same bits. It
// returns an error, and changes nothing, if the prior is no distribution over
// the tracker's classes or the evidence is not a number.
func (t *Tracker) Restore(s TrackerState) error {
	if err := checkPrior("prior", s.Prior, len(t.train)); err != nil {
		return err
	}
	if !sumsToOne(s.Prior) || math.IsNaN(s.Evidence) || math.IsInf(s.Evidence, 1) {
		return domain.Errorf(domain.InvalidParameter, "prior %v with evidence %v: want a sum of 1, and a number below infinity", s.Prior, s.Evidence)
	}
	copy(t.prior, s.Prior)
	t.logEvidence = s.Evidence
	return nil
}
