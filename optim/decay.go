package optim

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// Decay is the place of an L2 penalty Lambda/2·‖θ‖² in a step: one of three,
// which differ as soon as the estimator has a memory or the geometry a metric.
type Decay struct {
	Form   Form
	Lambda float64
}

// Form is what a [Decay] means.
type Form int

const (
	NoDecay   Form = iota // no penalty; Lambda must be 0
	Coupled               // Lambda·θ is added to the gradient, and smoothed with it
	Decoupled             // θ ← (1 − ε·Lambda)·θ beside the step: AdamW, equation (9) of problem 3
	Proximal              // the step solves for prox.L2, equation (12) of problem 3
)

// String names the form.
func (f Form) String() string {
	switch f {
	case NoDecay:
		return "none"
	case Coupled:
		return "coupled"
	case Decoupled:
		return "decoupled"
	case Proximal:
		return "proximal"
	}
	return fmt.Sprintf("Form(%d)", int(f))
}

// MarshalText gives the name, for JSON.
func (f Form) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Validate refuses an unknown Form, and a Lambda that is negative, not finite,
// or given to NoDecay.
func (d Decay) Validate() error {
	switch {
	case d.Form < NoDecay || d.Form > Proximal:
		return invalid("Decay.Form is %v: want NoDecay, Coupled, Decoupled or Proximal", d.Form)
	case !(d.Lambda >= 0) || math.IsInf(d.Lambda, 1):
		return invalid("Decay.Lambda is %v: want a finite number of at least 0", d.Lambda)
	case d.Form == NoDecay && d.Lambda != 0:
		return invalid("Decay.Lambda is %v without a Form: want Coupled, Decoupled or Proximal", d.Lambda)
	}
	return nil
}

// Shrink returns the factor by which a step of size rate shrinks a parameter
// whose loss has no gradient, in Euclidean geometry without smoothing:
// 1 − rate·Lambda, or 1/(1 + rate·Lambda) where the decay is proximal. A
// decoupled factor below 0 overshoots, below −1 it diverges; a proximal one is
// always in (0, 1]. With momentum, rate is the step size times the gain of the
// velocity, 1/(1−Mu).
func (d Decay) Shrink(rate float64) float64 {
	switch d.Form {
	case Coupled, Decoupled:
		return 1 - rate*d.Lambda
	case Proximal:
		return 1 / (1 + rate*d.Lambda)
	}
	return 1
}

// Shrink reports the effective shrink of the next step: the factor by which it
// multiplies parameters in no group whose loss has no gradient, by the decay
// and a penalty [prox.L2] together; 1 without either. Where a smoothed gradient
// carries the decay it is the factor in the long run. Uniform is false, and the
// factor NaN, where there is no one factor: under another penalty, and for
// coupled or proximal decay in another geometry than the Euclidean.
func (o *Optimizer[F]) Shrink() (factor float64, uniform bool) {
	r := o.rules[len(o.rules)-1]
	rate := r.rate.At(o.steps) * r.gain
	_, none := r.penalty.(prox.None[F])
	affine, ok := r.penalty.(prox.AffinePenalty[F])
	inGradient := r.decay.Form == Coupled && r.decay.Lambda > 0
	if !ok || !r.euclidean && (!none || inGradient) {
		return math.NaN(), false
	}
	factor = affine.Shrink(rate)
	if r.decay.Form != Proximal { // which is the penalty
		factor *= r.decay.Shrink(rate)
	}
	return factor, true
}

// coupled adds Lambda·θ to the gradient.
type coupled[F tensor.Float] struct{ Lambda float64 }

func (coupled[F]) Validate() error { return nil }
func (coupled[F]) Slots() []string { return nil }

func (c coupled[F]) Direct(in Block[F], _ [][]F, _ Now) Block[F] {
	simd.Scale(in.Scratch, in.Direction, F(in.Times))
	simd.AddScaled(in.Scratch, in.X, F(c.Lambda))
	in.Direction, in.Times = in.Scratch, 1
	return in
}

// withCoupled puts coupled decay after the clipping that estimator begins
// with, where PyTorch has it: clipping sees the gradient of the loss alone.
func withCoupled[F tensor.Float](estimator Estimator[F], lambda float64) Estimator[F] {
	parts := []Estimator[F]{estimator}
	if c, ok := estimator.(chain[F]); ok {
		parts = c.flatten(nil)
	}
	at := 0
	for at < len(parts) {
		if _, ok := parts[at].(Clipper); !ok {
			break
		}
		at++
	}
	parts = append(parts[:at:at], append([]Estimator[F]{coupled[F]{lambda}}, parts[at:]...)...)
	return Chain(parts...)
}
