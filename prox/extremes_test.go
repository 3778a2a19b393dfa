package prox_test

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/prox"
)

// TestExtremes holds results at the ends of the range of float64 to values
// worked out with 60 digits.
func TestExtremes(t *testing.T) {
	divergence := func(z, x float64) float64 {
		return prox.Bernoulli[float64]{}.Divergence([]float64{z}, []float64{x})
	}
	logit := make([]float64, 1)
	if err := (prox.Bernoulli[float64]{}).ToDual(logit, []float64{1e-310}); err != nil {
		t.Fatal(err)
	}
	nearOne, err := prox.ProximalStep(0.1, 9.999999999999)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"divergence from the least number", divergence(0.9, 5e-324), 669.6709817558517},
		{"divergence from 1e-310", divergence(0.3, 1e-310), 213.52954934639135},
		{"logit of 1e-310", logit[0], -713.8013788281542},
		{"proximal step where λε is nearly 1", nearOne, 1000466428383.9822},
		{"log, large scale", prox.Log{Lambda: 0.5, Scale: 1e200}.Length(1, 0.5), 1},
		{"log, largest scale", prox.Log{Lambda: 0.5, Scale: 1e308}.Length(1, 0.5), 1},
		{"log, long vector", prox.Log{Lambda: 0.5, Scale: 1}.Length(1e308, 0.5), 1e308},
		{"power 1½, long vector", prox.Power{Lambda: 0.7, P: 1.5}.Length(1e308, 0.5), 1e308},
		{"power 1½, short vector", prox.Power{Lambda: 0.7, P: 1.5}.Length(1e-150, 0.5) * 1e300, 1 / (0.525 * 0.525)},
	} {
		if !(math.Abs(c.got-c.want) <= 1e-12*c.want) && !(c.want < 0 && math.Abs(c.got-c.want) <= 1e-12*-c.want) {
			t.Errorf("%s: %v, want %v", c.name, c.got, c.want)
		}
	}
}

// TestSimplexStepLosesNothing takes steps whose products, or whose common
// term, are far beyond log x.
func TestSimplexStepLosesNothing(t *testing.T) {
	for _, c := range []struct {
		x, d []float64
		step float64
		want []float64
	}{
		{[]float64{0.25, 0.75}, []float64{1e20, 1e20}, 1, []float64{0.25, 0.75}},
		{[]float64{0.25, 0.75}, []float64{1e15, 1e15 + 0.125}, 8, []float64{0.4753668864186717, 0.5246331135813283}},
		{[]float64{0.25, 0.75}, []float64{-5, 3}, 1e308, []float64{1, 0}},
		{[]float64{0, 1}, []float64{-5, 3}, 1e308, []float64{0, 1}},
	} {
		g := prox.Simplex[float64]{}
		solver, err := g.Solver(prox.None[float64]{})
		if err != nil {
			t.Fatal(err)
		}
		x, y := append([]float64(nil), c.x...), make([]float64, len(c.x))
		if err := g.ToDual(y, x); err != nil {
			t.Fatal(err)
		}
		solver.Step(prox.Point[float64]{X: x, Dual: y, Direction: c.d, Times: 1, Piece: len(x)}, c.step)
		for i, want := range c.want {
			if !(math.Abs(x[i]-want) <= 1e-14) {
				t.Errorf("from %v by %v·%v: %v, want %v", c.x, c.step, c.d, x, c.want)
				break
			}
		}
	}
}
