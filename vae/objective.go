package vae

import (
	"fmt"
	"math"
)

// Objective is what training minimises: the negative log-likelihood of the
// decoder and the divergence of the encoder. Zero means zero; [Plain] is the
// bound itself.
type Objective struct {
	Scale    Scale   // of a Gaussian decoder; a Bernoulli one has none
	Variance float64 // the variance, where Scale is Fixed; 0 otherwise
	Bounds   Bounds  // of optimal variances

	Beta     float64 // the weight of the KL; 1 for the bound
	FreeBits float64 // nats that each unit may use at no gain in being less: see [KL]
	Samples  int     // codes drawn of each example
}

// Plain is the evidence lower bound at the best shared variance, with one code
// drawn of each example. The variance has a floor of 1e-9, so that a perfect
// reconstruction is finite.
func Plain() Objective {
	return Objective{Scale: Shared, Bounds: Bounds{1e-9, math.Inf(1)}, Beta: 1, Samples: 1}
}

// At is the bound at a fixed variance. At([VarianceOfBeta](b)) is the loss
// ‖x − μ‖² + b·KL in nats.
func At(variance float64) Objective {
	o := Plain()
	o.Scale, o.Variance = Fixed, variance
	return o
}

// Validate says which field is outside its domain.
func (o Objective) Validate() error {
	switch {
	case o.Scale < Shared || o.Scale > Learned:
		return fmt.Errorf("vae: scale %v: want one of the constants", o.Scale)
	case o.Scale == Fixed && !positive(o.Variance):
		return fmt.Errorf("vae: a fixed variance of %v: want a finite number above 0", o.Variance)
	case o.Scale != Fixed && o.Variance != 0:
		return fmt.Errorf("vae: a variance of %v with scale %v: want it only where the scale is fixed", o.Variance, o.Scale)
	case !(o.Bounds.Min >= 0) || !(o.Bounds.Max >= o.Bounds.Min) || o.Bounds.Max == 0:
		return fmt.Errorf("vae: bounds [%v, %v] on the variance: want 0 ≤ Min ≤ Max, and Max above 0", o.Bounds.Min, o.Bounds.Max)
	case !(o.Beta >= 0) || math.IsInf(o.Beta, 1):
		return fmt.Errorf("vae: beta of %v: want a finite number, not negative", o.Beta)
	case !(o.FreeBits >= 0) || math.IsInf(o.FreeBits, 1):
		return fmt.Errorf("vae: %v free nats a unit: want a finite number, not negative", o.FreeBits)
	case o.Samples < 1:
		return fmt.Errorf("vae: %d samples of each code: want at least 1", o.Samples)
	}
	return nil
}
