package optim

import (
	"math"
)

// Schedule gives the step size of each step. Values are immutable.
type Schedule interface {
	// Validate says which parameter is outside its domain.
	Validate() error

	// At returns the step size after the given number of steps taken; At(0) is
	// that of the first. It is positive or 0, and finite.
	At(steps int) float64
}

// Constant is the same step size always; above 0.
type Constant float64

// Validate refuses a step size that is not positive and finite.
func (c Constant) Validate() error { return validRate("Constant", float64(c)) }

// At returns c.
func (c Constant) At(int) float64 { return float64(c) }

// StepDecay is From·Factor^⌊steps/Every⌋: From > 0, 0 < Factor ≤ 1, Every ≥ 1.
type StepDecay struct {
	From, Factor float64
	Every        int
}

// Validate refuses parameters outside their domain.
func (s StepDecay) Validate() error {
	if !(s.Factor > 0 && s.Factor <= 1) {
		return invalid("StepDecay.Factor is %v: want 0 < Factor ≤ 1", s.Factor)
	}
	if s.Every < 1 {
		return invalid("StepDecay.Every is %d: want at least 1", s.Every)
	}
	return validRate("StepDecay.From", s.From)
}

// At returns From·Factor^⌊steps/Every⌋.
func (s StepDecay) At(steps int) float64 {
	return s.From * math.Pow(s.Factor, float64(steps/s.Every))
}

// Cosine falls along half a cosine from From to To in Steps steps and stays
// there: From > 0, To ≥ 0, Steps ≥ 1. Source: Loshchilov and Hutter 2017.
type Cosine struct {
	From, To float64
	Steps    int
}

// Validate refuses parameters outside their domain.
func (c Cosine) Validate() error {
	if !(c.To >= 0) || math.IsInf(c.To, 1) {
		return invalid("Cosine.To is %v: want a finite number of at least 0", c.To)
	}
	if c.Steps < 1 {
		return invalid("Cosine.Steps is %d: want at least 1", c.Steps)
	}
	return validRate("Cosine.From", c.From)
}

// At returns To + (From−To)·(1 + cos(π·steps/Steps))/2, To from Steps on.
func (c Cosine) At(steps int) float64 {
	done := min(1, float64(steps)/float64(c.Steps))
	return c.To + (c.From-c.To)*(1+math.Cos(math.Pi*done))/2
}

// InverseTime is From/(1 + steps/Scale)^Power: From, Scale and Power > 0.
// Power in (1/2, 1] meets the conditions of Robbins and Monro 1951.
type InverseTime struct{ From, Scale, Power float64 }

// Validate refuses parameters outside their domain.
func (t InverseTime) Validate() error {
	if err := validRate("InverseTime.Scale", t.Scale); err != nil {
		return err
	}
	if err := validRate("InverseTime.Power", t.Power); err != nil {
		return err
	}
	return validRate("InverseTime.From", t.From)
}

// At returns From/(1 + steps/Scale)^Power.
func (t InverseTime) At(steps int) float64 {
	return t.From / math.Pow(1+float64(steps)/t.Scale, t.Power)
}

// WarmUp scales the first Steps steps of Then by 1/Steps, 2/Steps, …, 1;
// Steps ≥ 1. Then counts from the first step of all.
type WarmUp struct {
	Steps int
	Then  Schedule
}

// Validate refuses Steps below 1, and a Then that is nil or invalid.
func (w WarmUp) Validate() error {
	if w.Steps < 1 {
		return invalid("WarmUp.Steps is %d: want at least 1", w.Steps)
	}
	if w.Then == nil {
		return invalid("WarmUp.Then is nil: want a Schedule")
	}
	return w.Then.Validate()
}

// At returns min(1, (steps+1)/Steps)·Then.At(steps).
func (w WarmUp) At(steps int) float64 {
	return min(1, float64(steps+1)/float64(w.Steps)) * w.Then.At(steps)
}

func validRate(name string, rate float64) error {
	if !(rate > 0) || math.IsInf(rate, 1) {
		return invalid("%s is %v: want a finite number above 0", name, rate)
	}
	return nil
}
