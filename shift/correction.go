package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
)

// LogitCorrection is a calibration and a change of priors as one affine map of
// the logits, scale·z + bias: softmax of it is [Reweight] of the calibrated
// posteriors, and it can be folded into a network's last layer.
type LogitCorrection struct {
	Scale float64
	Bias  []float64 // −Inf for a class of target prior 0
}

// CorrectLogits returns the map of a calibration, which may be nil for none,
// and of the weights target/train. Errors are those of [Weights].
func CorrectLogits(calibration *losses.BiasCorrected, train, target []float64) (*LogitCorrection, error) {
	w, err := Weights(train, target)
	if err != nil {
		return nil, err
	}
	c := &LogitCorrection{Scale: 1, Bias: make([]float64, len(w))}
	if calibration != nil {
		if len(calibration.Bias) != len(w) {
			return nil, domain.Errorf(domain.ShapeMismatch, "a calibration of %d classes for priors of %d", len(calibration.Bias), len(w))
		}
		c.Scale = calibration.Inverse
		copy(c.Bias, calibration.Bias)
	}
	for k, v := range w {
		c.Bias[k] += math.Log(v)
	}
	return c, nil
}
