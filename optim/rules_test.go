package optim_test

import (
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// named is one optimiser of the list that every test runs over.
type named[F tensor.Float] struct {
	name string
	step func(rate float64) optim.Step[F]
	rate float64 // of a quadratic with curvatures 0.5 to 4
}

func rules[F tensor.Float]() []named[F] {
	with := func(s optim.Step[F], change func(*optim.Step[F])) optim.Step[F] {
		change(&s)
		return s
	}
	return []named[F]{
		{"SGD", optim.SGDStep[F], 0.2},
		{"Momentum", optim.MomentumStep[F], 0.05},
		{"Nesterov", optim.NesterovStep[F], 0.05},
		{"EMA", optim.EMAStep[F], 0.1},
		{"ProximalSGD", func(r float64) optim.Step[F] { return optim.ProximalSGDStep[F](r, 1e-9) }, 0.1},
		{"Adam", optim.AdamStep[F], 0.02},
		{"AdamW", func(r float64) optim.Step[F] { return optim.AdamWStep[F](r, 1e-9) }, 0.02},
		{"clipped", func(r float64) optim.Step[F] {
			return with(optim.MomentumStep[F](r), func(s *optim.Step[F]) {
				s.Estimator = optim.Chain(optim.ClipNorm[F]{Max: 4}, optim.ClipValue[F]{Max: 2}, s.Estimator)
			})
		}, 0.05},
		{"twice averaged", func(r float64) optim.Step[F] {
			return with(optim.SGDStep[F](r), func(s *optim.Step[F]) {
				s.Estimator = optim.Chain[F](optim.EMA[F]{Q: 0.5, Start: optim.FromFirstGradient}, optim.EMA[F]{Q: 0.5})
			})
		}, 0.1},
		{"coupled Nesterov", func(r float64) optim.Step[F] {
			return with(optim.NesterovStep[F](r), func(s *optim.Step[F]) { s.Decay = optim.Decay{Form: optim.Coupled, Lambda: 1e-9} })
		}, 0.05},
		{"group lasso", func(r float64) optim.Step[F] {
			return with(optim.EMAStep[F](r), func(s *optim.Step[F]) { s.Penalty = prox.Norm[F]{Rho: prox.PseudoHuber{Lambda: 1e-9, Delta: 1}} })
		}, 0.1},
		{"Adam with group lasso", func(r float64) optim.Step[F] {
			return with(optim.AdamStep[F](r), func(s *optim.Step[F]) {
				s.Penalty = prox.Norm[F]{Rho: prox.Linear{Lambda: 1e-9}, Per: prox.PerRow}
			})
		}, 0.02},
		{"Adam with L1", func(r float64) optim.Step[F] {
			return with(optim.AdamStep[F](r), func(s *optim.Step[F]) { s.Penalty = prox.L1[F]{Lambda: 1e-9} })
		}, 0.02},
	}
}

// quadratic is Σ curvature_i·(x_i − target_i)²/2 over two arrays.
type quadratic[F tensor.Float] struct{ Weight, Bias *nn.Param[F] }

func newQuadratic[F tensor.Float](n int) *quadratic[F] {
	q := &quadratic[F]{nn.NewParam[F](1+n/100, 100), nn.NewParam[F](3)}
	q.Weight.Grad, q.Bias.Grad = tensor.New[F](q.Weight.Value.Shape...), tensor.New[F](3)
	return q
}

func (q *quadratic[F]) differentiate() (loss float64) {
	for _, p := range nn.Params[F](q) {
		for i, x := range p.Value.Data {
			curvature, target := 0.5+float64(i%8)/2, math.Sin(float64(i))
			d := float64(x) - target
			loss += curvature * d * d / 2
			p.Grad.Data[i] = F(curvature * d)
		}
	}
	return loss
}

func forBoth(t *testing.T, test32 func(*testing.T, named[float32]), test64 func(*testing.T, named[float64])) {
	for _, r := range rules[float32]() {
		t.Run(r.name+"/float32", func(t *testing.T) { test32(t, r) })
	}
	for _, r := range rules[float64]() {
		t.Run(r.name+"/float64", func(t *testing.T) { test64(t, r) })
	}
}

func build[F tensor.Float](t *testing.T, model any, step optim.Step[F], groups ...optim.Group[F]) *optim.Optimizer[F] {
	t.Helper()
	o, err := optim.New(nn.Params[F](model), step, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func take[F tensor.Float](t *testing.T, o *optim.Optimizer[F]) {
	t.Helper()
	if err := o.Step(); err != nil {
		t.Fatal(err)
	}
}

func TestEveryRuleSolvesAQuadratic(t *testing.T) {
	forBoth(t, solvesQuadratic[float32], solvesQuadratic[float64])
}

func solvesQuadratic[F tensor.Float](t *testing.T, r named[F]) {
	q := newQuadratic[F](50)
	o := build(t, q, r.step(r.rate))
	start := q.differentiate()
	for range 1000 {
		q.differentiate()
		take(t, o)
	}
	if end := q.differentiate(); !(end < 1e-9*start) {
		t.Errorf("loss %g after 1000 steps from %g", end, start)
	}
	if o.Steps() != 1000 {
		t.Errorf("Steps() = %d", o.Steps())
	}
}

func TestEveryRuleAllocatesNothing(t *testing.T) {
	forBoth(t, allocatesNothing[float32], allocatesNothing[float64])
}

func allocatesNothing[F tensor.Float](t *testing.T, r named[F]) {
	q := newQuadratic[F](100_000)
	o := build(t, q, r.step(r.rate))
	q.differentiate()
	if n := testing.AllocsPerRun(10, func() { take(t, o) }); n != 0 {
		t.Errorf("%v allocations a step", n)
	}
}

// snapshot copies what a checkpoint would hold.
func snapshot[F tensor.Float](o *optim.Optimizer[F]) map[string][]F {
	state := map[string][]F{}
	for name, slot := range o.State() {
		state[name] = slices.Clone(slot)
	}
	return state
}

func TestEveryRuleResumes(t *testing.T) {
	forBoth(t, resumes[float32], resumes[float64])
}

func resumes[F tensor.Float](t *testing.T, r named[F]) {
	q := newQuadratic[F](5000)
	o := build(t, q, r.step(r.rate))
	for range 7 {
		q.differentiate()
		take(t, o)
	}
	p := newQuadratic[F](5000)
	copy(p.Weight.Value.Data, q.Weight.Value.Data)
	copy(p.Bias.Value.Data, q.Bias.Value.Data)
	resumed := build(t, p, r.step(r.rate))
	if err := resumed.Restore(o.Steps(), snapshot(o)); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		q.differentiate()
		take(t, o)
		p.differentiate()
		take(t, resumed)
	}
	if !slices.Equal(p.Weight.Value.Data, q.Weight.Value.Data) || !slices.Equal(p.Bias.Value.Data, q.Bias.Value.Data) {
		t.Error("resumed training takes another path")
	}
	if !maps.EqualFunc(snapshot(o), snapshot(resumed), slices.Equal[[]F]) {
		t.Error("resumed training remembers other things")
	}
}

func TestEveryRuleIsTheSameOnOneProcessor(t *testing.T) {
	forBoth(t, sameOnOneProcessor[float32], sameOnOneProcessor[float64])
}

func sameOnOneProcessor[F tensor.Float](t *testing.T, r named[F]) {
	var results [2][]F
	for i, processors := range []int{1, 2} {
		old := runtime.GOMAXPROCS(processors)
		q := newQuadratic[F](100_001)
		o := build(t, q, r.step(r.rate))
		for range 3 {
			q.differentiate()
			take(t, o)
		}
		runtime.GOMAXPROCS(old)
		results[i] = q.Weight.Value.Data
	}
	if !slices.Equal(results[0], results[1]) {
		t.Error("results depend on the number of processors")
	}
}

func TestRulesPrintAndCompare(t *testing.T) {
	for i, r := range rules[float32]() {
		if r.step(0.1) != r.step(0.1) || r.step(0.1) == r.step(0.2) {
			t.Errorf("%s: a step is not a value", r.name)
		}
		for _, other := range rules[float32]()[i+1:] {
			if a, b := fmt.Sprintf("%#v", r.step(1)), fmt.Sprintf("%#v", other.step(1)); a == b {
				t.Errorf("%s prints as %s: %s", r.name, other.name, a)
			}
		}
	}
}

// The mirror geometries, on a model of probability vectors, which are inside
// all of them.
func TestMirrorStepsAllocateNothingAndAreTheSameOnOneProcessor(t *testing.T) {
	for _, geometry := range []prox.Geometry[float32]{
		prox.Bernoulli[float32]{}, prox.EntropyBox[float32]{Lo: -1, Hi: 2}, prox.EntropyBox[float32]{Lo: -1, Hi: 2, Rescaled: true},
		prox.Simplex[float32]{Per: prox.PerRow}, prox.Orthant[float32]{},
	} {
		var results [2][]float32
		for i, processors := range []int{1, 2} {
			old := runtime.GOMAXPROCS(processors)
			q := newQuadratic[float32](100_000)
			q.Weight.Value.Fill(1.0 / 100)
			q.Bias.Value.Fill(1)
			step := optim.EMAStep[float32](0.1)
			step.Geometry = geometry
			o := build(t, q, step)
			q.differentiate()
			if n := testing.AllocsPerRun(5, func() { take(t, o) }); n != 0 {
				t.Errorf("%#v: %v allocations a step", geometry, n)
			}
			runtime.GOMAXPROCS(old)
			results[i] = q.Weight.Value.Data
		}
		if !slices.Equal(results[0], results[1]) {
			t.Errorf("%#v: results depend on the number of processors", geometry)
		}
	}
}
