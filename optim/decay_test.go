package optim_test

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// The shrink that an optimiser reports is what becomes of a parameter whose
// loss has no gradient.
func TestShrink(t *testing.T) {
	const rate, lambda = 0.25, 0.5
	decayed := func(s optim.Step[float64], form optim.Form) optim.Step[float64] {
		s.Decay = optim.Decay{Form: form, Lambda: lambda}
		return s
	}
	penalised := func(s optim.Step[float64], p prox.Penalty[float64]) optim.Step[float64] {
		s.Penalty = p
		return s
	}
	sgd, adam, momentum := optim.SGDStep[float64](rate), optim.AdamStep[float64](rate), optim.MomentumStep[float64](rate)
	momentum.Estimator = optim.HeavyBall[float64]{Mu: 0.5} // of gain 2
	for _, c := range []struct {
		name string
		step optim.Step[float64]
		want float64 // NaN where there is no one factor
	}{
		{"none", sgd, 1},
		{"Adam", adam, 1},
		{"coupled", decayed(sgd, optim.Coupled), 1 - rate*lambda},
		{"decoupled", decayed(sgd, optim.Decoupled), 1 - rate*lambda},
		{"proximal", decayed(sgd, optim.Proximal), 1 / (1 + rate*lambda)},
		{"penalty", penalised(sgd, prox.L2[float64]{Lambda: lambda}), 1 / (1 + rate*lambda)},
		{"decoupled with a penalty", penalised(decayed(sgd, optim.Decoupled), prox.L2[float64]{Lambda: 1}), (1 - rate*lambda) / (1 + rate)},
		{"decoupled with momentum", decayed(momentum, optim.Decoupled), 1 - 2*rate*lambda},
		{"decoupled with Adam", decayed(adam, optim.Decoupled), 1 - rate*lambda},
		{"coupled with Adam", decayed(adam, optim.Coupled), math.NaN()},
		{"proximal with Adam", decayed(adam, optim.Proximal), math.NaN()},
		{"soft threshold", penalised(sgd, prox.L1[float64]{Lambda: lambda}), math.NaN()},
	} {
		q := &quadratic[float64]{nn.NewParam[float64](2), nn.NewParam[float64](1)}
		copy(q.Weight.Value.Data, []float64{3, -5})
		q.Weight.Grad, q.Bias.Grad = tensor.New[float64](2), tensor.New[float64](1)
		o, err := optim.New(nn.Params[float64](q), c.step)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		got, uniform := o.Shrink()
		if uniform == math.IsNaN(c.want) || uniform != !math.IsNaN(got) || uniform && math.Abs(got-c.want) > 1e-15 {
			t.Errorf("%s: shrink %v, uniform %v; want %v", c.name, got, uniform, c.want)
			continue
		}
		if err := o.Step(); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if x := q.Weight.Value.Data; uniform && (math.Abs(x[0]-3*got) > 1e-15 || math.Abs(x[1]+5*got) > 1e-14) {
			t.Errorf("%s: {3, -5} became %v, which is not times %v", c.name, x, got)
		}
	}
}
