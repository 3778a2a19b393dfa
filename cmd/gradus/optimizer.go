package main

import (
	"math"

	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
)

// optimizerFlags choose the training step: estimator, decay, rate.
type optimizerFlags struct {
	Optimizer string   `enum:"sgd,momentum,nesterov,ema,proximal-sgd,adam,adamw" default:"adam" help:"Training step: ${enum}."`
	LR        *float64 `name:"lr" placeholder:"RATE" help:"Learning rate (default: 0.002 for adam and adamw, 0.05 for the others)."`
	Schedule  string   `enum:"cosine,constant,step,inverse-time" default:"cosine" help:"How the rate falls: ${enum}."`
	WarmUp    int      `name:"warm-up" default:"0" placeholder:"STEPS" help:"Steps over which the rate first rises."`
	Decay     float64  `default:"0" placeholder:"LAMBDA" help:"L2 penalty on weights (not on biases): coupled, decoupled in adamw, proximal in proximal-sgd."`
	Clip      float64  `default:"0" placeholder:"NORM" help:"Clip the gradient's norm over all parameters; 0 is off."`
}

// step builds the training step for a run of the given length, and the groups
// that differ from it.
func (f optimizerFlags) step(steps int) (optim.Step[float32], []optim.Group[float32], error) {
	rate := 0.05
	switch {
	case f.LR != nil:
		rate = *f.LR
	case f.Optimizer == "adam" || f.Optimizer == "adamw":
		rate = 0.002
	}
	if rate == 0 {
		return optim.Step[float32]{}, nil, badInputf("--lr 0: want a positive number: a step of no size learns nothing")
	}
	for _, flag := range []struct {
		name  string
		value float64
	}{{"--lr", rate}, {"--decay", f.Decay}, {"--clip", f.Clip}} {
		if flag.value < 0 || math.IsNaN(flag.value) || math.IsInf(flag.value, 0) {
			return optim.Step[float32]{}, nil, badInputf("%s %v: want a finite number of at least 0", flag.name, flag.value)
		}
	}
	if f.WarmUp < 0 || f.WarmUp >= steps && f.WarmUp > 0 {
		return optim.Step[float32]{}, nil, badInputf("--warm-up %d: want 0 to %d, less than the run's %d steps", f.WarmUp, steps-1, steps)
	}
	plain := f.named(rate)
	if f.Clip > 0 {
		plain.Estimator = optim.Chain[float32](optim.ClipNorm[float32]{Max: f.Clip}, plain.Estimator)
	}
	plain.Rate = f.schedule(rate, steps)
	if f.Decay == 0 {
		return plain, nil, nil
	}
	decayed := plain
	decayed.Decay = optim.Decay{Form: f.form(), Lambda: f.Decay}
	return decayed, []optim.Group[float32]{{Match: "*.bias", Step: plain}}, nil
}

func (f optimizerFlags) named(rate float64) optim.Step[float32] {
	switch f.Optimizer {
	case "sgd":
		return optim.SGDStep[float32](rate)
	case "momentum":
		return optim.MomentumStep[float32](rate)
	case "nesterov":
		return optim.NesterovStep[float32](rate)
	case "ema":
		return optim.EMAStep[float32](rate)
	case "proximal-sgd":
		s := optim.ProximalSGDStep[float32](rate, 0)
		s.Decay, s.Penalty = optim.Decay{}, prox.None[float32]{}
		return s
	}
	return optim.AdamStep[float32](rate)
}

// form is where the L2 penalty of the chosen optimizer enters.
func (f optimizerFlags) form() optim.Form {
	switch f.Optimizer {
	case "adamw":
		return optim.Decoupled
	case "proximal-sgd":
		return optim.Proximal
	}
	return optim.Coupled
}

func (f optimizerFlags) schedule(rate float64, steps int) optim.Schedule {
	var s optim.Schedule
	switch f.Schedule {
	case "constant":
		s = optim.Constant(rate)
	case "step":
		s = optim.StepDecay{From: rate, Factor: 0.1, Every: max(1, steps/3)}
	case "inverse-time":
		s = optim.InverseTime{From: rate, Scale: float64(max(1, steps/10)), Power: 1}
	default:
		s = optim.Cosine{From: rate, Steps: steps}
	}
	if f.WarmUp > 0 {
		s = optim.WarmUp{Steps: f.WarmUp, Then: s}
	}
	return s
}
