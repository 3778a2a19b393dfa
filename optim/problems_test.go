package optim_test

import (
	"math"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// one returns a model of one parameter, with a gradient to fill in.
func one[F tensor.Float](values ...F) (*nn.Param[F], []*nn.Param[F]) {
	p := &nn.Param[F]{Value: tensor.From(slices.Clone(values), len(values)), Grad: tensor.New[F](len(values))}
	return p, []*nn.Param[F]{p}
}

// Rosenbrock 1960: (1−x)² + 100·(y−x²)², a curved valley with its bottom at
// (1, 1); from the customary start (−1.2, 1).
func TestEveryRuleSolvesRosenbrock(t *testing.T) {
	forBoth(t, solvesRosenbrock[float32], solvesRosenbrock[float64])
}

func solvesRosenbrock[F tensor.Float](t *testing.T, r named[F]) {
	p, model := one[F](-1.2, 1)
	// The steepest curvature on the way is about 1000, against 4 of the
	// quadratic; the metric of Adam needs no such care.
	s := r.step(r.rate / 400)
	if _, diagonal := s.Geometry.(prox.Diagonal[F]); diagonal {
		s = r.step(r.rate / 4)
	}
	o := build(t, model, s)
	f := func() float64 {
		x, y := float64(p.Value.Data[0]), float64(p.Value.Data[1])
		p.Grad.Data[0] = F(-2*(1-x) - 400*x*(y-x*x))
		p.Grad.Data[1] = F(200 * (y - x*x))
		return (1-x)*(1-x) + 100*(y-x*x)*(y-x*x)
	}
	for range 40_000 {
		f()
		take(t, o)
	}
	if end := f(); !(end < 1e-4) {
		t.Errorf("%v at %v after 40000 steps from 24.2", end, p.Value.Data)
	}
}

// Lasso: ‖x − target‖²/2 + λ·‖x‖₁ by its parts; the solution is the soft
// threshold of the target, with exact zeros.
func TestEveryRuleSolvesALasso(t *testing.T) {
	forBoth(t, solvesLasso[float32], solvesLasso[float64])
}

func solvesLasso[F tensor.Float](t *testing.T, r named[F]) {
	target := []F{3, -2, 0.5, -0.5, 0.9, -1.1}
	p, model := one[F](make([]F, len(target))...)
	s := r.step(r.rate)
	s.Decay = optim.Decay{} // the penalty is the lasso's
	s.Penalty = prox.L1[F]{Lambda: 1}
	o := build(t, model, s)
	for range 3000 {
		for i, x := range p.Value.Data {
			p.Grad.Data[i] = x - target[i]
		}
		take(t, o)
	}
	for i, want := range []float64{2, -1, 0, 0, 0, -0.1} {
		if got := float64(p.Value.Data[i]); math.Abs(got-want) > 1e-3 || want == 0 && got != 0 {
			t.Errorf("x[%d] is %v, want %v", i, got, want)
		}
	}
}

// Group lasso: rows go to zero as a whole.
func TestRowsAreDroppedAsAWhole(t *testing.T) {
	p := nn.NewParam[float32](3, 2000) // more than one block, rows across
	p.Grad = tensor.New[float32](3, 2000)
	s := optim.SGDStep[float32](0.5)
	s.Penalty = prox.Norm[float32]{Rho: prox.Linear{Lambda: 20}, Per: prox.PerRow}
	o := build(t, []*nn.Param[float32]{p}, s)
	target := func(row int) float32 { return []float32{1, 0.4, 2}[row] } // norms 44.7, 17.9, 89.4
	for range 60 {
		for row := range 3 {
			x, g := p.Value.Row(row), p.Grad.Row(row)
			for j := range x {
				g[j] = x[j] - target(row)
			}
		}
		take(t, o)
	}
	for row, want := range []float64{1 - 20/math.Sqrt(2000), 0, 2 * (1 - 20/(2*math.Sqrt(2000)))} {
		if got := float64(p.Value.Row(row)[1999]); math.Abs(got-want) > 1e-5 {
			t.Errorf("row %d is at %v, want %v", row, got, want)
		}
	}
}

// A norm of the whole array under Adam's metric: the fixed point is that of
// the group lasso whatever the metric.
func TestNormUnderAdam(t *testing.T) {
	p, model := one(0.0, 0, 0)
	s := optim.AdamStep[float64](0.01)
	s.Penalty = prox.Norm[float64]{Rho: prox.Linear{Lambda: 1}}
	o := build(t, model, s)
	target := []float64{3, 0, 4}
	for range 5000 {
		for i, x := range p.Value.Data {
			p.Grad.Data[i] = x - target[i]
		}
		take(t, o)
	}
	for i, v := range target {
		if got, want := p.Value.Data[i], v*(1-1/5.0); math.Abs(got-want) > 1e-3 {
			t.Errorf("x[%d] is %v, want %v", i, got, want)
		}
	}
}

// Mirror steps on probabilities: the minimiser of a quadratic in the box is
// reached, at the edge too, and the dual state goes with a checkpoint.
func TestMirrorStepsOfTheOptimiser(t *testing.T) {
	for name, step := range map[string]optim.Step[float64]{
		"plain":    optim.MirrorStep[float64](1),
		"averaged": averagedMirror(),
	} {
		t.Run(name, func(t *testing.T) {
			p, model := one(0.5, 0.5, 0.5)
			o := build(t, model, step)
			gradient := func() {
				for i, target := range []float64{0.25, 2, -1} {
					p.Grad.Data[i] = p.Value.Data[i] - target
				}
			}
			for range 400 {
				gradient()
				take(t, o)
			}
			for i, want := range []float64{0.25, 1, 0} {
				if got := p.Value.Data[i]; math.Abs(got-want) > 1e-9 {
					t.Errorf("x[%d] is %v, want %v", i, got, want)
				}
			}
			q, other := one(p.Value.Data...)
			resumed := build(t, other, step)
			if err := resumed.Restore(o.Steps(), snapshot(o)); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				gradient()
				copy(q.Grad.Data, p.Grad.Data)
				take(t, o)
				take(t, resumed)
			}
			if !slices.Equal(q.Value.Data, p.Value.Data) {
				t.Errorf("resumed at %v, want %v", q.Value.Data, p.Value.Data)
			}
		})
	}
}

func averagedMirror() optim.Step[float64] {
	s := optim.MirrorStep[float64](1)
	s.Estimator = optim.EMA[float64]{Q: 0.3, Start: optim.BiasCorrected}
	return s
}

// The identity of problem 3: decoupled decay of rate ε is proximal decay of
// rate ε/(1−λε), step for step, whatever the estimator and its memory.
func TestDecoupledDecayIsProximal(t *testing.T) {
	eps, lambda := 0.1, 0.8
	prime, err := prox.ProximalStep(eps, lambda)
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]struct {
		estimator optim.Estimator[float64]
		gain      float64
	}{
		"raw":       {optim.Raw[float64]{}, 1},
		"average":   {optim.EMA[float64]{Q: 0.2}, 1},
		"corrected": {optim.EMA[float64]{Q: 0.2, Start: optim.BiasCorrected}, 1},
		"momentum":  {optim.HeavyBall[float64]{Mu: 0.5}, 2},
		"nesterov":  {optim.Nesterov[float64]{Mu: 0.5}, 2},
		"chain":     {optim.Chain[float64](optim.EMA[float64]{Q: 0.2}, optim.HeavyBall[float64]{Mu: 0.75}), 4},
	} {
		explicit, proximal := optim.SGDStep[float64](eps/e.gain), optim.SGDStep[float64](prime/e.gain)
		explicit.Estimator, proximal.Estimator = e.estimator, e.estimator
		explicit.Decay = optim.Decay{Form: optim.Decoupled, Lambda: lambda}
		proximal.Decay = optim.Decay{Form: optim.Proximal, Lambda: lambda}
		coupled := explicit
		coupled.Decay.Form = optim.Coupled
		in := inputs{Q: [][]float64{{2, 0.3}, {0.3, 1}}, C: []float64{1, -1}}
		var paths [3][][]float64
		for i, s := range []optim.Step[float64]{explicit, proximal, coupled} {
			if paths[i], err = follow(s, []float64{3, -2}, 30, in.gradient); err != nil {
				t.Fatal(err)
			}
		}
		for i, want := range paths[0] {
			for j := range want {
				if math.Abs(paths[1][i][j]-want[j]) > 1e-13*(1+math.Abs(want[j])) {
					t.Fatalf("%s, step %d: proximal %v, explicit %v", name, i, paths[1][i], want)
				}
			}
		}
		if same := math.Abs(paths[2][20][0]-paths[0][20][0]) < 1e-9; same != (name == "raw") {
			t.Errorf("%s: coupled decay ends at %v, decoupled at %v", name, paths[2][20], paths[0][20])
		}
	}
	for form, want := range map[optim.Form]float64{
		optim.NoDecay: 1, optim.Coupled: 1 - eps*lambda, optim.Decoupled: 1 - eps*lambda, optim.Proximal: 1 / (1 + eps*lambda),
	} {
		if got := (optim.Decay{Form: form, Lambda: lambda}).Shrink(eps); got != want {
			t.Errorf("%v decay shrinks by %v, want %v", form, got, want)
		}
	}
}
