package vae

import "fmt"

// Cause says why a model ignores its code.
type Cause string

// The causes.
const (
	NoCollapse       Cause = ""
	VarianceTooLarge Cause = "variance" // the decoder variance is above every direction's variance: the optimum is to say nothing
	BetaTooLarge     Cause = "beta"     // so is beta times the variance, though the variance is not
	HeldByFreeBits   Cause = "free bits"
	Stuck            Cause = "training" // the optimum has active units; training did not find them
)

// Alarm says that a model's code carries nothing, and why.
type Alarm struct {
	Cause   Cause  `json:"cause,omitempty"`
	Message string `json:"message,omitempty"` // what to do; empty where nothing is wrong
}

// alarm names the cause of a collapse. For a linear decoder a unit pays its way
// exactly if the data's variance λ along its direction is above beta·σ²,
// and every decoder is linear to first order while its code is small. So
// the largest λ separates an objective that has nothing to gain from training
// that did not gain it.
// Source: Lucas, Tucker, Grosse and Norouzi 2019; Dai, Wang and Wipf 2020.
func (l *Ledger) alarm(likelihood string, o Objective) Alarm {
	if l.Active > 0 {
		return Alarm{}
	}
	variance := o.Variance
	if o.Scale != Fixed {
		variance = 0
		for _, v := range l.Variance {
			variance += v / float64(len(l.Variance))
		}
	}
	switch top := l.TopDirection; {
	case o.FreeBits > 0 && l.Rate > 0.5*o.FreeBits*float64(l.Latent):
		return Alarm{HeldByFreeBits, fmt.Sprintf("no unit is active, yet the rate is %.3g nats: the %.3g free nats of each unit are spent on noise; train longer, or lower them", l.Rate, o.FreeBits)}
	case likelihood == Gaussian && variance >= top:
		return Alarm{VarianceTooLarge, fmt.Sprintf("no unit is active: the decoder variance of %.3g is above the data's variance of %.3g along any direction, so that every code costs more than it saves; use the optimal variance (a squared error averaged over %d numbers assumes %g)", variance, top, l.Dimensions, VarianceOfBeta(float64(l.Dimensions)))}
	case likelihood == Gaussian && o.Beta*variance >= top:
		return Alarm{BetaTooLarge, fmt.Sprintf("no unit is active: beta of %.3g times the decoder variance of %.3g is above the data's variance of %.3g along any direction; want beta below %.3g", o.Beta, variance, top, top/variance)}
	case likelihood == Bernoulli && o.Beta > 1:
		return Alarm{BetaTooLarge, fmt.Sprintf("no unit is active, with beta of %.3g: want it near 1", o.Beta)}
	}
	return Alarm{Stuck, fmt.Sprintf("no unit is active, though coding the direction of variance %.3g would pay: training drove the rate to 0 first; warm beta up, give each unit free bits, or lower the step size", l.TopDirection)}
}
