package main

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
)

// optimizerFlags choose the training step: estimator, penalty, geometry, rate.
type optimizerFlags struct {
	Optimizer *string  `enum:"sgd,momentum,nesterov,ema,proximal-sgd,adam,adamw" help:"Training step: ${enum} (default: adam, or sgd where --estimator or --geometry ask for no metric). Each of the next four replaces a part of it."`
	Estimator string   `placeholder:"NAME:…" help:"How gradients become a direction: raw, ema:Q, ema-zero:Q, ema-first:Q, heavy-ball:M, nesterov:M, adam, adam:BETA1,BETA2,EPSILON, clip-value:MAX; a + b chains two."`
	Penalty   string   `placeholder:"NAME:…" help:"What is added to the loss, on weights, not on biases or scales: l2:LAMBDA, l1:LAMBDA, elastic:L1,L2, box:LO,HI; on each hidden row or filter: group:LAMBDA, ball:RADIUS, log:LAMBDA,S, power:LAMBDA,P, norm:FORMULA in r."`
	Decay     *string  `enum:"gradient,decoupled,proximal" help:"Where an l2 penalty enters: ${enum} (default: decoupled in adamw, proximal in proximal-sgd, else gradient)."`
	Geometry  string   `placeholder:"NAME:…" help:"What a step's length is measured in: euclidean, diagonal (the metric of adam's moments), box:LO,HI (mirror descent on weights between bounds)."`
	LR        *float64 `name:"lr" placeholder:"RATE" help:"Learning rate (default: 0.002 with a diagonal geometry, as in adam, else 0.05)."`
	Schedule  string   `enum:"cosine,constant,step,inverse-time" default:"cosine" help:"How the rate falls: ${enum}."`
	WarmUp    int      `name:"warm-up" default:"0" placeholder:"STEPS" help:"Steps over which the rate first rises."`
	Clip      float64  `default:"0" placeholder:"NORM" help:"Clip the gradient's norm over all parameters; 0 is off."`
}

// stepParts are the parts that the flags choose.
type stepParts struct {
	step    optim.Step[float32] // without a penalty
	penalty penalty
	decay   optim.Decay
}

// parts reads the flags.
func (f optimizerFlags) parts() (stepParts, error) {
	var p stepParts
	var estimator optim.Estimator[float32]
	var geometry prox.Geometry[float32]
	var err error
	if f.Estimator != "" {
		if estimator, err = readEstimator(f.Estimator); err != nil {
			return p, err
		}
	}
	if f.Geometry != "" {
		if geometry, err = readGeometry(f.Geometry); err != nil {
			return p, err
		}
	}
	if p.penalty, err = readPenalty(f.Penalty); err != nil {
		return p, err
	}
	p.step = f.named(estimator, geometry)
	if estimator != nil {
		p.step.Estimator = estimator
	}
	if geometry != nil {
		p.step.Geometry = geometry
	}
	if f.Clip > 0 {
		p.step.Estimator = optim.Chain[float32](optim.ClipNorm[float32]{Max: f.Clip}, p.step.Estimator)
	}
	switch {
	case p.penalty.l2 > 0:
		p.decay = optim.Decay{Form: f.form(), Lambda: p.penalty.l2}
	case f.Decay != nil && !p.penalty.isL2:
		return p, badInputf("--decay %s: that is where an L2 penalty enters: want --penalty l2:LAMBDA with it", *f.Decay)
	}
	return p, nil
}

// build makes the training step of a network for a run of the given length,
// and the groups that differ from it.
func (f optimizerFlags) build(net nn.Layer[float32], steps int) (optim.Step[float32], []optim.Group[float32], error) {
	p, err := f.parts()
	if err != nil {
		return p.step, nil, err
	}
	rate := 0.05
	switch _, diagonal := p.step.Geometry.(prox.Diagonal[float32]); {
	case f.LR != nil:
		rate = *f.LR
	case diagonal:
		rate = 0.002
	}
	if rate == 0 {
		return p.step, nil, badInputf("--lr 0: want a positive number: a step of no size learns nothing")
	}
	for _, flag := range []struct {
		name  string
		value float64
	}{{"--lr", rate}, {"--clip", f.Clip}} {
		if flag.value < 0 || math.IsNaN(flag.value) || math.IsInf(flag.value, 0) {
			return p.step, nil, badInputf("%s %v: want a finite number of at least 0", flag.name, flag.value)
		}
	}
	if f.WarmUp < 0 || f.WarmUp >= steps && f.WarmUp > 0 {
		return p.step, nil, badInputf("--warm-up %d: want 0 to %d, less than the run's %d steps", f.WarmUp, steps-1, steps)
	}
	p.step.Rate = f.schedule(rate, steps)
	step, groups := p.groups(net)
	if _, err := optim.New(nn.Params[float32](net), step, groups...); err != nil {
		hint := ""
		if _, euclidean := step.Geometry.(prox.Euclidean[float32]); !euclidean && p.penalty.of != nil {
			hint = "; --geometry euclidean, as in sgd and momentum, takes every penalty"
		}
		return step, nil, badInput(fmt.Errorf("the training step's parts do not fit: %w%s", err, hint))
	}
	return step, groups, nil
}

// groups gives the penalty, and a geometry with bounds, to the weights that
// they are for: matrices and filters, not biases and scales; a penalty of rows
// not to the last of them, whose rows are the classes.
func (p stepParts) groups(net nn.Layer[float32]) (optim.Step[float32], []optim.Group[float32]) {
	weights := p.step
	weights.Decay = p.decay
	if p.penalty.of != nil {
		weights.Penalty = p.penalty.of
	}
	plain := p.step
	_, bounded := p.step.Geometry.(prox.EntropyBox[float32])
	if bounded {
		plain.Geometry = prox.Euclidean[float32]{}
	}
	if p.penalty.of == nil && p.decay.Form == optim.NoDecay && !bounded {
		return plain, nil
	}
	matrices := 0
	var last *nn.Param[float32]
	for _, q := range nn.Params[float32](net) {
		if len(q.Value.Shape) > 1 {
			last = q
			matrices++
		}
	}
	rows := p.penalty.ofRows && matrices > 1
	return weights, []optim.Group[float32]{{Step: plain, Where: func(_ string, q *nn.Param[float32]) bool {
		return len(q.Value.Shape) < 2 || rows && q == last
	}}}
}

// name is that of the optimizer, chosen or by the other parts.
func (f optimizerFlags) name(estimator optim.Estimator[float32], geometry prox.Geometry[float32]) string {
	if f.Optimizer != nil {
		return *f.Optimizer
	}
	metric, _ := estimator.(optim.MetricSupplier)
	_, diagonal := geometry.(prox.Diagonal[float32])
	if estimator != nil && (metric == nil || !metric.SuppliesMetric()) || geometry != nil && !diagonal {
		return "sgd"
	}
	return "adam"
}

func (f optimizerFlags) named(estimator optim.Estimator[float32], geometry prox.Geometry[float32]) optim.Step[float32] {
	const rate = 1 // is replaced by the schedule
	switch f.name(estimator, geometry) {
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
		s.Decay = optim.Decay{}
		return s
	}
	return optim.AdamStep[float32](rate)
}

// form is where an L2 penalty enters.
func (f optimizerFlags) form() optim.Form {
	name := "gradient"
	switch {
	case f.Decay != nil:
		name = *f.Decay
	case f.Optimizer != nil && *f.Optimizer == "adamw":
		name = "decoupled"
	case f.Optimizer != nil && *f.Optimizer == "proximal-sgd":
		name = "proximal"
	}
	switch name {
	case "decoupled":
		return optim.Decoupled
	case "proximal":
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
