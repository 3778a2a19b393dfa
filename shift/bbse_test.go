package shift_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
	"pgregory.net/rapid"
)

func ExampleBBSE() {
	c := &shift.Confusion{Joint: [][]float64{{0.4, 0.2}, {0.1, 0.3}}}
	e, err := shift.BBSE(c, []float64{0.5, 0.5})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("weights %.2f, prior %.2f, condition %.1f\n", e.Weights, e.Prior, e.Condition)
	// Output: weights [0.50 1.50], prior [0.25 0.75], condition 2.6
}

func TestBBSEIsExactOnPopulations(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 6).Draw(t, "k")
		train, target := drawProbs(t, "train", 1, k, 2).Data, drawProbs(t, "target", 1, k, 2).Data
		given := drawProbs(t, "p(prediction|label)", k, k, 1) // row y: the predictions for label y
		c := &shift.Confusion{Joint: make([][]float64, k)}
		predicted := make([]float64, k)
		for i := range k {
			c.Joint[i] = make([]float64, k)
			for y := range k {
				sharp := given.Row(y)[i] / 2 // half of the predictions are right
				if i == y {
					sharp += 0.5
				}
				c.Joint[i][y] = sharp * train[y]
				predicted[i] += sharp * target[y]
			}
		}
		e, err := shift.BBSE(c, predicted)
		if err != nil {
			t.Fatal(err)
		}
		if !near(e.Prior, target, 1e-8) || !near(e.Clipped, target, 1e-8) {
			t.Fatalf("prior %v, want %v", e.Prior, target)
		}
		if r, err := shift.RLLS(c, predicted, 0); err != nil || !near(r.Weights, e.Weights, 1e-6) {
			t.Fatalf("unregularised %v, %v; want %v", r, err, e.Weights)
		}
		if r, err := shift.RLLS(c, predicted, 10); err != nil || !near(r.Prior, train, 1e-9) {
			t.Fatalf("fully regularised %v, %v; want no shift, %v", r, err, train)
		}
	})
}

// The minimum is compared with its value at random points around it.
func TestRLLSMinimises(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	c := &shift.Confusion{Joint: [][]float64{{0.3, 0.1, 0.02}, {0.05, 0.2, 0.08}, {0.05, 0.1, 0.1}}}
	predicted := []float64{0.2, 0.3, 0.5}
	for _, delta := range []float64{0.01, 0.05, 0.1, 0.2} {
		value := func(w []float64) float64 {
			var r, size float64
			for i, row := range c.Joint {
				s := -predicted[i]
				for j, v := range row {
					s += v * w[j]
				}
				r += s * s
				size += (w[i] - 1) * (w[i] - 1)
			}
			return math.Sqrt(r) + delta*math.Sqrt(size)
		}
		e := must(shift.RLLS(c, predicted, delta))(t)
		best := value(e.Weights)
		for range 2000 {
			near := make([]float64, 3)
			scale := math.Pow(10, -4*rng.Float64())
			for j, w := range e.Weights {
				near[j] = w + scale*rng.NormFloat64()
			}
			if v := value(near); v < best-1e-12 {
				t.Fatalf("Δ = %v: %v at %v, but %v at %v", delta, best, e.Weights, v, near)
			}
		}
	}
}

func TestEstimatorsAgreeOnASample(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	train, target := []float64{0.5, 0.3, 0.2}, []float64{0.2, 0.2, 0.6}
	w := world{3, 1}
	source, labels := w.draw(20000, train, train, rng)
	p, _ := w.draw(20000, train, target, rng)
	hard, soft := must(shift.HardConfusion(source, labels))(t), must(shift.SoftConfusion(source, labels))(t)
	for name, got := range map[string][]float64{
		"hard":        must(shift.BBSE(hard, hard.Predicted(p)))(t).Clipped,
		"soft":        must(shift.BBSE(soft, soft.Predicted(p)))(t).Clipped,
		"regularised": must(shift.RLLS(hard, hard.Predicted(p), 1e-4))(t).Clipped,
		"likelihood":  must(shift.MaximumLikelihood(p, train, train, 1e-10))(t).Prior,
	} {
		if !near(got, target, 0.015) {
			t.Errorf("%s: %v, want about %v", name, got, target)
		}
	}
}

func TestDiagnosis(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	train := []float64{0.5, 0.3, 0.2}
	good, labels := world{3, 0.7}.draw(2000, train, train, rng)
	if d := must(shift.Diagnose(good, labels, train))(t); len(d.Warnings) != 0 || d.Condition > 3 || d.EffectiveRows < 1990 {
		t.Errorf("a good classifier: %+v", d)
	}
	// A classifier that ignores its input identifies nothing.
	blind := losses.Probs{Table: losses.Table{Classes: 3}}
	for range labels {
		blind.Data = append(blind.Data, train...)
	}
	if d := must(shift.Diagnose(blind, labels, []float64{0, 0.01, 0.99}))(t); len(d.Warnings) != 1 || !(d.Condition > 1e10) {
		t.Errorf("a blind classifier: %+v", d)
	}
	rare, labels := world{3, 0.7}.draw(1000, []float64{0.6, 0.395, 0.005}, []float64{0.6, 0.395, 0.005}, rng)
	if d := must(shift.Diagnose(rare, labels, []float64{0, 0, 1}))(t); len(d.Warnings) != 2 || d.FewestLabels > 9 {
		t.Errorf("a rare class: %+v", d)
	}
}
