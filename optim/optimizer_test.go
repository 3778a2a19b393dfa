package optim_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
)

// with returns a step with a change.
func with(s optim.Step[float64], change func(*optim.Step[float64])) optim.Step[float64] {
	change(&s)
	return s
}

func TestStepsThatCannotBeBuilt(t *testing.T) {
	sgd, adam := optim.SGDStep[float64](0.1), optim.AdamStep[float64](0.1)
	type change = func(*optim.Step[float64])
	for _, c := range []struct {
		step   optim.Step[float64]
		change change
		says   string
	}{
		{sgd, func(s *optim.Step[float64]) { s.Estimator = nil }, "no Estimator"},
		{sgd, func(s *optim.Step[float64]) { s.Penalty = nil }, "no Penalty"},
		{sgd, func(s *optim.Step[float64]) { s.Geometry = nil }, "no Geometry"},
		{sgd, func(s *optim.Step[float64]) { s.Rate = nil }, "no Rate"},
		{sgd, func(s *optim.Step[float64]) { s.Rate = optim.Constant(0) }, "Constant is 0"},
		{sgd, func(s *optim.Step[float64]) { s.Rate = optim.Constant(math.NaN()) }, "Constant is NaN"},
		{sgd, func(s *optim.Step[float64]) { s.Estimator = optim.EMA[float64]{} }, "0 < Q ≤ 1"},
		{sgd, func(s *optim.Step[float64]) { s.Estimator = optim.EMA[float64]{Q: 0.1, Start: 9} }, "EMA.Start"},
		{sgd, func(s *optim.Step[float64]) { s.Estimator = optim.HeavyBall[float64]{Mu: 1} }, "HeavyBall.Mu"},
		{sgd, func(s *optim.Step[float64]) { s.Estimator = optim.Nesterov[float64]{Mu: -1} }, "Nesterov.Mu"},
		{sgd, func(s *optim.Step[float64]) { s.Estimator = optim.ClipNorm[float64]{} }, "ClipNorm.Max"},
		{sgd, func(s *optim.Step[float64]) { s.Estimator = optim.ClipValue[float64]{Max: math.NaN()} }, "ClipValue.Max"},
		{sgd, func(s *optim.Step[float64]) { s.Estimator = optim.Chain[float64](optim.Raw[float64]{}, nil) }, "part 1 is nil"},
		{sgd, func(s *optim.Step[float64]) {
			s.Estimator = optim.Chain[float64](optim.EMA[float64]{Q: 1}, optim.ClipNorm[float64]{Max: 1})
		}, "clipping first"},
		{sgd, func(s *optim.Step[float64]) {
			s.Estimator = optim.Chain[float64](optim.ClipValue[float64]{Max: 1}, optim.ClipNorm[float64]{Max: 1})
		}, "by norm before by value"},
		{sgd, func(s *optim.Step[float64]) { s.Decay = optim.Decay{Form: 9} }, "Decay.Form"},
		{sgd, func(s *optim.Step[float64]) { s.Decay = optim.Decay{Lambda: 1} }, "without a Form"},
		{sgd, func(s *optim.Step[float64]) { s.Decay = optim.Decay{Form: optim.Coupled, Lambda: -1} }, "Decay.Lambda"},
		{sgd, func(s *optim.Step[float64]) { s.Penalty = prox.L1[float64]{Lambda: -1} }, "L1.Lambda"},
		{sgd, func(s *optim.Step[float64]) {
			s.Decay, s.Penalty = optim.Decay{Form: optim.Proximal, Lambda: 1}, prox.L1[float64]{Lambda: 1}
		}, "one penalty"},
		{sgd, func(s *optim.Step[float64]) { s.Geometry = prox.Diagonal[float64]{} }, "supplies a metric"},
		{sgd, func(s *optim.Step[float64]) {
			s.Penalty = prox.Translate[float64]{Of: prox.None[float64]{}, By: []float64{1, 2}}
		}, "Translate.By has 2 elements for an array of 1"},
		{adam, func(s *optim.Step[float64]) { s.Geometry = prox.Euclidean[float64]{} }, "would be ignored"},
		{adam, func(s *optim.Step[float64]) {
			s.Penalty = prox.Norm[float64]{Rho: prox.Log{Lambda: 1, Scale: 1}}
		}, "no closed form for prox.Norm[float64] with prox.Diagonal[float64]"},
		{adam, func(s *optim.Step[float64]) { s.Estimator = optim.AdamMoments[float64]{Beta1: 1, Epsilon: 1} }, "Beta1"},
		{adam, func(s *optim.Step[float64]) { s.Estimator = optim.AdamMoments[float64]{Beta2: -1, Epsilon: 1} }, "Beta2"},
		{adam, func(s *optim.Step[float64]) { s.Estimator = optim.AdamMoments[float64]{} }, "Epsilon"},
		{optim.MirrorStep[float64](1), func(s *optim.Step[float64]) { s.Penalty = prox.L2[float64]{Lambda: 1} }, "prox.L2[float64] with prox.Bernoulli[float64]"},
		{optim.MirrorStep[float64](1), func(s *optim.Step[float64]) { s.Decay = optim.Decay{Form: optim.Decoupled, Lambda: 1} }, "decoupled decay with prox.Bernoulli"},
		{optim.MirrorStep[float64](1), func(*optim.Step[float64]) {}, "0: prox: element 0 is 3"}, // the parameter's path is 0
	} {
		_, model := one(3.0)
		_, err := optim.New(nn.Params[float64](model), with(c.step, c.change))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("error %v, want one that says %q", err, c.says)
		}
	}
}

func TestSchedules(t *testing.T) {
	for _, c := range []struct {
		schedule optim.Schedule
		at       map[int]float64
	}{
		{optim.Constant(0.3), map[int]float64{0: 0.3, 1000: 0.3}},
		{optim.StepDecay{From: 1, Factor: 0.5, Every: 10}, map[int]float64{0: 1, 9: 1, 10: 0.5, 20: 0.25}},
		{optim.Cosine{From: 1, To: 0.2, Steps: 100}, map[int]float64{0: 1, 50: 0.6, 100: 0.2, 1000: 0.2}},
		{optim.InverseTime{From: 2, Scale: 10, Power: 1}, map[int]float64{0: 2, 10: 1, 30: 0.5}},
		{optim.WarmUp{Steps: 4, Then: optim.Constant(1)}, map[int]float64{0: 0.25, 1: 0.5, 3: 1, 4: 1}},
		{optim.WarmUp{Steps: 2, Then: optim.StepDecay{From: 1, Factor: 0.5, Every: 1}}, map[int]float64{0: 0.5, 1: 0.5, 2: 0.25}},
	} {
		if err := c.schedule.Validate(); err != nil {
			t.Error(err)
		}
		for steps, want := range c.at {
			if got := c.schedule.At(steps); math.Abs(got-want) > 1e-15 {
				t.Errorf("%#v after %d steps: %v, want %v", c.schedule, steps, got, want)
			}
		}
	}
	for _, bad := range []optim.Schedule{
		optim.Constant(-1), optim.Constant(math.Inf(1)),
		optim.StepDecay{From: 1, Factor: 0, Every: 1}, optim.StepDecay{From: 1, Factor: 1}, optim.StepDecay{Factor: 1, Every: 1},
		optim.Cosine{From: 1, To: -1, Steps: 1}, optim.Cosine{From: 1}, optim.Cosine{Steps: 1},
		optim.InverseTime{Scale: 1, Power: 1}, optim.InverseTime{From: 1, Power: 1}, optim.InverseTime{From: 1, Scale: 1},
		optim.WarmUp{Then: optim.Constant(1)}, optim.WarmUp{Steps: 1}, optim.WarmUp{Steps: 1, Then: optim.Constant(0)},
	} {
		if bad.Validate() == nil {
			t.Errorf("%#v is not refused", bad)
		}
	}
}

type linear struct{ Weight, Bias *nn.Param[float64] }

func newLinear() *linear {
	w, _ := one(1.0, 1)
	b, _ := one(1.0)
	return &linear{w, b}
}

func TestGroups(t *testing.T) {
	m := newLinear()
	step := optim.SGDStep[float64](0.1)
	step.Decay = optim.Decay{Form: optim.Decoupled, Lambda: 1}
	mirror := optim.MirrorStep[float64](1)
	m.Bias.Value.Data[0] = 0.5
	o := build(t, []*linear{m}, step,
		optim.Group[float64]{Match: "*.bias", Step: mirror},
		optim.Group[float64]{Where: func(path string, _ *nn.Param[float64]) bool { return path == "0.weight" }, Step: optim.SGDStep[float64](0.25)})
	m.Weight.Grad.Data[1], m.Bias.Grad.Data[0] = 1, 1
	take(t, o)
	if got := m.Weight.Value.Data; !slices.Equal(got, []float64{1, 0.75}) {
		t.Errorf("weights %v, want a plain step of 0.25", got)
	}
	if got, want := m.Bias.Value.Data[0], 1/(1+math.E); math.Abs(got-want) > 1e-15 {
		t.Errorf("bias %v, want the mirror step to %v", got, want)
	}
	if got := o.LearningRate(); got != 0.1 {
		t.Errorf("learning rate %v, want that of no group", got)
	}
	var names []string
	for name := range o.State() {
		names = append(names, name)
	}
	if !slices.Equal(names, []string{"0.bias/dual"}) {
		t.Errorf("state %v", names)
	}
	for what, groups := range map[string][]optim.Group[float64]{
		"holds no parameter":       {{Match: "*.wieght", Step: mirror}},
		"exactly one of Match":     {{Step: mirror}},
		"syntax error in pattern":  {{Match: "[", Step: mirror}},
		"no Estimator":             {{Match: "*"}},
		"that no group before it ": {{Match: "*.bias", Step: step}, {Match: "*.bias", Step: step}},
	} {
		if _, err := optim.New(nn.Params[float64]([]*linear{m}), step, groups...); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("error %v, want one that says %q", err, what)
		}
	}
	if _, err := optim.New(nn.Params[float64](&struct{}{}), step); err == nil {
		t.Error("a model without parameters is not refused")
	}
}

func TestBadGradientsChangeNothing(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		m := newLinear()
		o := build(t, m, optim.MomentumStep[float64](0.1))
		m.Weight.Grad.Data[0], m.Bias.Grad.Data[0] = 1, 1
		take(t, o)
		before, values := snapshot(o), slices.Concat(m.Weight.Value.Data, m.Bias.Value.Data)
		m.Bias.Grad.Data[0] = bad
		err := o.Step()
		if err == nil || !strings.Contains(err.Error(), "step 2") || !strings.Contains(err.Error(), "bias") {
			t.Errorf("error %v, want one that names step 2 and the bias", err)
		}
		if !slices.Equal(values, slices.Concat(m.Weight.Value.Data, m.Bias.Value.Data)) || !slices.Equal(before["weight/velocity"], snapshot(o)["weight/velocity"]) || o.Steps() != 1 {
			t.Error("a refused step has changed something")
		}
	}
	m := newLinear()
	o := build(t, m, optim.SGDStep[float64](0.1))
	m.Bias.Grad = nil
	if err := o.Step(); err == nil || !strings.Contains(err.Error(), "bias has no gradient") {
		t.Errorf("no gradient: error %v", err)
	}
	m.Bias.Frozen = true
	take(t, o)
	m.Weight.Value.Data = m.Weight.Value.Data[:1]
	if err := o.Step(); err == nil {
		t.Error("a parameter of another size is not refused")
	}
}

func TestFrozenParametersStay(t *testing.T) {
	m := newLinear()
	o := build(t, m, optim.MomentumStep[float64](0.1))
	m.Bias.Frozen = true
	m.Weight.Grad.Data[0], m.Bias.Grad.Data[0] = 1, math.NaN()
	take(t, o)
	if m.Bias.Value.Data[0] != 1 || snapshot(o)["bias/velocity"][0] != 0 || m.Weight.Value.Data[0] != 0.9 {
		t.Errorf("bias %v, weights %v", m.Bias.Value.Data, m.Weight.Value.Data)
	}
}

// Gradients of 1e200 have a norm whose square is not finite; it is clipped all
// the same, and over all parameters together.
func TestClippingIsGlobalAndFarReaching(t *testing.T) {
	for _, scale := range []float64{1, 1e200, 1e-200} {
		m := newLinear()
		step := optim.SGDStep[float64](1)
		step.Estimator = optim.ClipNorm[float64]{Max: scale / 10}
		o := build(t, m, step)
		m.Weight.Value.Data[0], m.Weight.Value.Data[1], m.Bias.Value.Data[0] = 0, 0, 0
		m.Weight.Grad.Data[0], m.Weight.Grad.Data[1], m.Bias.Grad.Data[0] = 2*scale, 3*scale, 6*scale // norm 7
		take(t, o)
		for i, want := range []float64{-2, -3, -6} {
			got := slices.Concat(m.Weight.Value.Data, m.Bias.Value.Data)[i] / scale
			if math.Abs(got-want/70) > 1e-12 {
				t.Errorf("scale %v: coordinate %d at %v, want %v", scale, i, got, want/70)
			}
		}
	}
}

func TestRestoreRefusesAnotherState(t *testing.T) {
	m := newLinear()
	o := build(t, m, optim.MomentumStep[float64](0.1))
	good := func() map[string][]float64 {
		return map[string][]float64{"weight/velocity": {1, 2}, "bias/velocity": {3}}
	}
	for what, change := range map[string]func(map[string][]float64){
		`no "bias/velocity"`:            func(s map[string][]float64) { delete(s, "bias/velocity") },
		`"weight/velocity" has 1`:       func(s map[string][]float64) { s["weight/velocity"] = []float64{1} },
		"weight/mean, which this rule ": func(s map[string][]float64) { s["weight/mean"] = []float64{1, 2} },
	} {
		s := good()
		change(s)
		if err := o.Restore(3, s); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("error %v, want one that says %q", err, what)
		}
		if o.Steps() != 0 || snapshot(o)["weight/velocity"][1] != 0 {
			t.Error("a refused state has changed something")
		}
	}
	if err := o.Restore(-1, good()); err == nil {
		t.Error("a negative number of steps is not refused")
	}
	if err := o.Restore(3, good()); err != nil || o.Steps() != 3 || snapshot(o)["weight/velocity"][1] != 2 {
		t.Errorf("restored: %v, %d steps, %v", err, o.Steps(), snapshot(o))
	}
}

// A rule that schedules itself out of range is stopped, not repaired.
type negative struct{}

func (negative) Validate() error  { return nil }
func (negative) At(s int) float64 { return 1 - float64(s) }

func TestRateOutOfRangeStops(t *testing.T) {
	m := newLinear()
	step := optim.SGDStep[float64](1)
	step.Rate = negative{}
	o := build(t, m, step)
	take(t, o)
	take(t, o) // a step of size 0
	if err := o.Step(); err == nil || !strings.Contains(err.Error(), "step 3") {
		t.Errorf("error %v", err)
	}
}

func TestStepsMarshal(t *testing.T) {
	text, err := json.Marshal(optim.ProximalSGDStep[float64](0.1, 0.2))
	if want := `{"Estimator":{"Q":0.1,"Start":"zero"},"Decay":{"Form":"proximal","Lambda":0.2},"Penalty":{},"Geometry":{},"Rate":0.1}`; err != nil || string(text) != want {
		t.Errorf("%s, %v; want %s", text, err, want)
	}
}
