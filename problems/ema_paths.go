package problems

import (
	"math/rand/v2"
	"slices"

	"github.com/gradus-ml/gradus/optim"
)

// quadratic is the loss θ'Qθ/2 − c'θ of the trajectories.
type quadratic struct {
	Q [][]float64
	C []float64
}

// gradient returns Qθ − c.
func (l quadratic) gradient(theta []float64) []float64 {
	g := make([]float64, len(theta))
	for i, row := range l.Q {
		g[i] = dot(row, theta) - l.C[i]
	}
	return g
}

// value returns θ'Qθ/2 − c'θ.
func (l quadratic) value(theta []float64) float64 {
	value := -dot(l.C, theta)
	for i, row := range l.Q {
		value += theta[i] * dot(row, theta) / 2
	}
	return value
}

func (l quadratic) fits(name string, theta []float64) error {
	return first(wantMatrix("Q", l.Q, len(theta), len(theta)), sameLength(name, theta, "c", l.C))
}

type trajectoryIn struct {
	Q              [][]float64 `json:"Q"`
	C              []float64   `json:"c"`
	Theta0         []float64   `json:"theta0"`
	Smooth         float64     `json:"q"`
	Eps            float64     `json:"eps"`
	Lambda         float64     `json:"lambda"`
	Steps          int         `json:"steps"`
	Mode           string      `json:"mode"`
	BiasCorrection bool        `json:"bias_correction"`
}

type trajectoryOut struct {
	Theta [][]float64 `json:"theta"`
}

func emaTrajectory() Operation {
	return operation(definition[trajectoryIn, trajectoryOut]{
		name:   "trajectory",
		method: "the recursion in plain loops",
		solve: func(in trajectoryIn) (out trajectoryOut, err error) {
			loss := quadratic{in.Q, in.C}
			if err := first(loss.fits("theta0", in.Theta0), wantSteps("steps", in.Steps, len(in.Theta0))); err != nil {
				return out, err
			}
			step := optim.SGDStep[float64](1)
			ema := optim.EMA[float64]{Q: in.Smooth}
			if in.BiasCorrection {
				ema.Start = optim.BiasCorrected
			}
			step.Estimator, step.Rate = ema, optim.Constant(in.Eps)
			step.Decay = optim.Decay{Form: optim.Decoupled, Lambda: in.Lambda}
			switch in.Mode {
			case "decoupled":
			case "coupled":
				step.Decay.Form = optim.Coupled
			default:
				return out, invalid("mode is %q: want decoupled or coupled", in.Mode)
			}
			out.Theta, err = follow(step, in.Theta0, in.Steps, loss.gradient)
			return out, err
		},
		draw: func(rng *rand.Rand) trajectoryIn {
			n := 1 + rng.IntN(3)
			return trajectoryIn{
				Q: definite(rng, n), C: normal(rng, n), Theta0: normal(rng, n), Smooth: drawQ(rng), Eps: between(rng, 0.01, 0.3),
				Lambda: between(rng, 0, 1), Steps: 1 + rng.IntN(6), Mode: []string{"decoupled", "coupled"}[rng.IntN(2)], BiasCorrection: rng.IntN(2) == 0,
			}
		},
		check: func(c *Comparison, in trajectoryIn, out trajectoryOut) {
			theta := slices.Clone(in.Theta0)
			s := make([]float64, len(theta))
			path := [][]float64{slices.Clone(theta)}
			kept := 1.0
			for range in.Steps {
				g := quadratic{in.Q, in.C}.gradient(theta)
				kept *= 1 - in.Smooth
				for i := range theta {
					decay := in.Lambda * theta[i]
					if in.Mode == "coupled" {
						g[i], decay = g[i]+decay, 0
					}
					s[i] = (1-in.Smooth)*s[i] + in.Smooth*g[i]
					d := s[i]
					if in.BiasCorrection {
						d /= 1 - kept
					}
					theta[i] -= in.Eps * (d + decay)
				}
				path = append(path, slices.Clone(theta))
			}
			c.matrix("theta", out.Theta, path, 1e-11)
		},
	})
}

type momentumIn struct {
	Q        [][]float64 `json:"Q"`
	C        []float64   `json:"c"`
	Theta0   []float64   `json:"theta0"`
	LR       float64     `json:"lr"`
	Momentum float64     `json:"momentum"`
	Nesterov bool        `json:"nesterov"`
	Steps    int         `json:"steps"`
}

type momentumOut struct {
	Theta  [][]float64 `json:"theta"`
	EMAQ   float64     `json:"ema_q"`
	EMAEps float64     `json:"ema_eps"`
}

func emaMomentum() Operation {
	return operation(definition[momentumIn, momentumOut]{
		name:   "momentum",
		method: "the equivalent moving average",
		solve: func(in momentumIn) (out momentumOut, err error) {
			loss := quadratic{in.Q, in.C}
			if err := first(loss.fits("theta0", in.Theta0), wantSteps("steps", in.Steps, len(in.Theta0))); err != nil {
				return out, err
			}
			step := optim.MomentumStep[float64](in.LR)
			step.Estimator = optim.HeavyBall[float64]{Mu: in.Momentum}
			if in.Nesterov {
				step.Estimator = optim.Nesterov[float64]{Mu: in.Momentum}
			}
			out.EMAQ = 1 - in.Momentum
			out.EMAEps = in.LR / out.EMAQ
			out.Theta, err = follow(step, in.Theta0, in.Steps, loss.gradient)
			return out, err
		},
		draw: func(rng *rand.Rand) momentumIn {
			n := 1 + rng.IntN(3)
			return momentumIn{
				Q: definite(rng, n), C: normal(rng, n), Theta0: normal(rng, n), LR: between(rng, 0.01, 0.2),
				Momentum: between(rng, 0, 0.95), Nesterov: rng.IntN(2) == 0, Steps: 1 + rng.IntN(6),
			}
		},
		check: func(c *Comparison, in momentumIn, out momentumOut) {
			q := 1 - in.Momentum
			c.near("ema_q", out.EMAQ, q, 1e-14)
			c.near("ema_eps", out.EMAEps*q, in.LR, 1e-14)
			theta := slices.Clone(in.Theta0)
			s := make([]float64, len(theta))
			path := [][]float64{slices.Clone(theta)}
			for range in.Steps {
				g := quadratic{in.Q, in.C}.gradient(theta)
				for i := range theta {
					s[i] = in.Momentum*s[i] + q*g[i]
					d := s[i]
					if in.Nesterov {
						d = in.Momentum*s[i] + q*g[i]
					}
					theta[i] -= in.LR / q * d
				}
				path = append(path, slices.Clone(theta))
			}
			c.matrix("theta", out.Theta, path, 1e-10)
		},
	})
}
