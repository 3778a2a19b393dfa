package binarynet_test

import (
	"errors"
	"math"
	"testing"

	"github.com/gradus-ml/gradus/binarynet"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
)

// steps gives an optimiser of one parameter the same gradients as another, and
// returns where it went and its dual state.
func steps(t *testing.T, step optim.Step[float64], x []float64, gradients [][]float64) (end, dual []float64) {
	t.Helper()
	p := nn.NewParam[float64](len(x))
	copy(p.Value.Data, x)
	p.Grad = nn.NewParam[float64](len(x)).Value
	opt, err := optim.New(nn.Params[float64]([]*nn.Param[float64]{p}), step)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range gradients {
		copy(p.Grad.Data, g)
		if err := opt.Step(); err != nil {
			t.Fatal(err)
		}
	}
	for name, slot := range opt.State() {
		if name == "0/dual" {
			dual = slot
		}
	}
	return p.Value.Data, dual
}

// TestMirrorStep holds the logits to their definition: moments of the gradient,
// evened, taken off the logits.
func TestMirrorStep(t *testing.T) {
	x, gradients := []float64{0.2, 0.5, 0.999}, make([][]float64, 30)
	for i := range gradients {
		gradients[i] = normal(uint64(i), 3).Data
	}
	step := binarynet.MirrorStep[float64](optim.Constant(0.3))
	end, dual := steps(t, step, x, gradients)
	for i, p := range x {
		y, m, v := math.Log(p/(1-p)), 0.0, 0.0
		for s, g := range gradients {
			m, v = 0.9*m+0.1*g[i], 0.99*v+0.01*g[i]*g[i]
			n := float64(s + 1)
			y -= 0.3 * (m / (1 - math.Pow(0.9, n))) / (math.Sqrt(v/(1-math.Pow(0.99, n))) + 1e-10)
		}
		if math.Abs(dual[i]-y) > 1e-9 || math.Abs(end[i]-1/(1+math.Exp(-y))) > 1e-12 {
			t.Errorf("coordinate %d: logit %v and probability %v, want logit %v", i, dual[i], end[i], y)
		}
	}
}

// TestBop holds the weights to the rule as its authors state it: m ← (1−γ)m + γg,
// and w flips where |m| > τ and m has the sign of w.
func TestBop(t *testing.T) {
	const gamma, tau = 0.2, 0.15
	x, gradients := []float64{0.1, 0.9, 0.5, 0.3}, make([][]float64, 60)
	for i := range gradients {
		gradients[i] = normal(uint64(100+i), 4).Data
	}
	end, dual := steps(t, binarynet.BopStep[float64](gamma, tau), x, gradients)
	flips := 0
	for i, p := range x {
		w, m := -1.0, 0.0
		if p >= 0.5 {
			w = 1
		}
		for _, g := range gradients {
			m = (1-gamma)*m + gamma*g[i]
			if math.Abs(m) > tau && (m > 0) == (w > 0) {
				w = -w
				flips++
			}
		}
		if end[i] != (w+1)/2 || math.Abs(dual[i]+m) > 1e-12 {
			t.Errorf("coordinate %d: weight %v, dual state %v; want %v and %v", i, end[i], dual[i], (w+1)/2, -m)
		}
	}
	if flips < 4 {
		t.Errorf("%d flips: the test shows nothing", flips)
	}
}

func TestBopRefuses(t *testing.T) {
	params := nn.Params[float64]([]*nn.Param[float64]{nn.NewParam[float64](2)})
	penalised := binarynet.BopStep[float64](0.1, 0.1)
	penalised.Penalty = prox.L2[float64]{Lambda: 1}
	if _, err := optim.New(params, penalised); err == nil {
		t.Error("a penalty is no error")
	}
	if _, err := optim.New(params, binarynet.BopStep[float64](0.1, -1)); !errors.As(err, new(*binarynet.DomainError)) {
		t.Errorf("a threshold of -1: %v", err)
	}
	outside := nn.NewParam[float64](1)
	outside.Value.Data[0] = 2
	if _, err := optim.New(nn.Params[float64]([]*nn.Param[float64]{outside}), binarynet.BopStep[float64](0.1, 0.1)); !errors.As(err, new(*binarynet.DomainError)) {
		t.Errorf("a probability of 2: %v", err)
	}
}
