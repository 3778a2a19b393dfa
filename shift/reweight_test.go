package shift_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
	"pgregory.net/rapid"
)

func ExampleReweight() {
	p, _ := losses.ProbsOf([][]float64{{0.5, 0.5}, {0.04, 0.96}})
	fixed, err := shift.Reweight(p, []float64{0.5, 0.5}, []float64{0.95, 0.05})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, d := range fixed.Decisions {
		fmt.Printf("%.3f: class %d\n", fixed.Posterior.Row(i), d)
	}
	// Output:
	// [0.950 0.050]: class 0
	// [0.442 0.558]: class 1
}

func drawProbs(t *rapid.T, label string, n, k int, size float64) losses.Probs {
	z := losses.Logits{Table: losses.Table{Classes: k, Data: rapid.SliceOfN(rapid.Float64Range(-size, size), n*k, n*k).Draw(t, label)}}
	return z.Probs()
}

func near(a, b []float64, tol float64) bool {
	for i := range a {
		if !(math.Abs(a[i]-b[i]) <= tol*(1+math.Abs(b[i]))) {
			return false
		}
	}
	return len(a) == len(b)
}

func TestReweightLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 5).Draw(t, "n"), rapid.IntRange(2, 6).Draw(t, "k")
		p := drawProbs(t, "p", n, k, 20)
		a, b, c := drawProbs(t, "train", 1, k, 5).Data, drawProbs(t, "target", 1, k, 5).Data, drawProbs(t, "third", 1, k, 5).Data
		move := func(p losses.Probs, from, to []float64) *shift.Reweighted {
			r, err := shift.Reweight(p, from, to)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		there := move(p, a, b)
		if back := move(there.Posterior, b, a); !near(back.Posterior.Data, p.Data, 1e-9) {
			t.Fatalf("there and back: %v, want %v", back.Posterior.Data, p.Data)
		}
		if direct, by := move(p, a, c), move(there.Posterior, b, c); !near(by.Posterior.Data, direct.Posterior.Data, 1e-9) {
			t.Fatalf("in two steps: %v, want %v", by.Posterior.Data, direct.Posterior.Data)
		}
		logs, err := shift.ReweightLogits(p.LogProbs().Logits(), a, b)
		if err != nil {
			t.Fatal(err)
		}
		if !near(logs.Probs().Data, there.Posterior.Data, 1e-12) {
			t.Fatalf("by logits %v, want %v", logs.Probs().Data, there.Posterior.Data)
		}
		d, err := shift.ZeroOne(k).Decide(there.Posterior)
		if err != nil {
			t.Fatal(err)
		}
		for i, y := range d.Decisions {
			if row := there.Posterior.Row(i); row[there.Decisions[i]] > row[y]+1e-12 {
				t.Fatalf("0/1 loss decides %d, the largest posterior is %d in %v", y, there.Decisions[i], row)
			}
		}
		if k == 2 {
			at, err := shift.Threshold(a[1], b[1])
			if err != nil {
				t.Fatal(err)
			}
			for i, y := range there.Decisions {
				if v := p.Row(i)[1]; math.Abs(v-at) > 1e-9 && (v > at) != (y == 1) {
					t.Fatalf("p(1|x) = %v, threshold %v, decision %d", v, at, y)
				}
			}
		}
	})
}

func TestReweightKeepsExtremes(t *testing.T) {
	p := losses.Probs{Table: losses.Table{Classes: 3, Data: []float64{1e-300, 1e-310, 1}}}
	r := must(shift.Reweight(p, []float64{1, 1, 1}, []float64{1e-300, 1, 0}))(t)
	if want := []float64{0, 1, 0}; !near(r.Posterior.Data, want, 1e-12) {
		t.Errorf("posterior %v, want %v", r.Posterior.Data, want)
	}
}

func TestRejectIsChowsRule(t *testing.T) {
	p := must(losses.ProbsOf([][]float64{{0.75, 0.25}, {0.6, 0.4}, {0.2, 0.8}}))(t)
	d := must(shift.ZeroOne(2).WithReject(0.3).Decide(p))(t)
	if fmt.Sprint(d.Decisions) != "[0 2 1]" {
		t.Errorf("decisions %v, want [0 2 1]", d.Decisions)
	}
	forbidden := shift.Cost{{0, math.Inf(1)}, {5, 0}}
	d = must(forbidden.Decide(must(losses.ProbsOf([][]float64{{1, 0}, {0.999, 0.001}}))(t)))(t)
	if fmt.Sprint(d.Decisions) != "[0 1]" {
		t.Errorf("decisions %v under an infinite cost, want [0 1]", d.Decisions)
	}
}

func TestThresholdEdges(t *testing.T) {
	for _, c := range []struct{ train, target, want float64 }{{0.5, 0, 1}, {0.5, 1, 0}, {0, 0, 1}, {1, 1, 0}, {1e-300, 0.5, 1e-300}} {
		if got := must(shift.Threshold(c.train, c.target))(t); math.Abs(got-c.want) > 1e-12*c.want {
			t.Errorf("threshold from %v to %v is %v, want %v", c.train, c.target, got, c.want)
		}
	}
}

func TestDomainErrors(t *testing.T) {
	p := losses.Probs{Table: losses.Table{Classes: 2, Data: []float64{1, 0}}}
	half := []float64{0.5, 0.5}
	table := []struct {
		name, code string
		call       func() error
	}{
		{"negative prior", "invalid_distribution", func() error { _, err := shift.Weights([]float64{-1, 2}, half); return err }},
		{"no prior", "invalid_distribution", func() error { _, err := shift.Weights(half, []float64{0, 0}); return err }},
		{"lengths", "shape_mismatch", func() error { _, err := shift.Reweight(p, []float64{1}, []float64{1}); return err }},
		{"nan posterior", "invalid_parameter", func() error {
			_, err := shift.EM(losses.Probs{Table: losses.Table{Classes: 2, Data: []float64{math.NaN(), 1}}}, half, half, 1)
			return err
		}},
		{"impossible row", "zero_normaliser", func() error { _, err := shift.EM(p, half, []float64{0, 1}, 1); return err }},
		{"impossible logits", "zero_normaliser", func() error {
			_, err := shift.ReweightLogits(p.LogProbs().Logits(), half, []float64{0, 1})
			return err
		}},
		{"unseen class", "support_mismatch", func() error { _, err := shift.MaximumLikelihood(p, []float64{1, 0}, half, 1e-9); return err }},
		{"no rows", "shape_mismatch", func() error {
			_, err := shift.EM(losses.Probs{Table: losses.Table{Classes: 2}}, half, half, 1)
			return err
		}},
		{"no cost", "shape_mismatch", func() error { _, err := shift.Cost{}.Decide(p); return err }},
		{"threshold", "invalid_distribution", func() error { _, err := shift.Threshold(2, 0.5); return err }},
		{"unseen class 1", "support_mismatch", func() error { _, err := shift.Threshold(0, 0.5); return err }},
		{"confusion", "invalid_distribution", func() error {
			_, err := shift.BBSE(&shift.Confusion{Joint: [][]float64{{1, 1}, {0, 0}}}, half)
			return err
		}},
		{"tracker", "invalid_parameter", func() error { _, err := shift.NewTracker(half, 0, 10); return err }},
		{"alpha", "invalid_parameter", func() error {
			_, err := shift.MaximumPosterior(p, half, half, []float64{0.5, 1}, 1e-9)
			return err
		}},
	}
	for _, c := range table {
		if e := new(losses.DomainError); !errors.As(c.call(), &e) || e.Code != c.code {
			t.Errorf("%s: %v, want code %s", c.name, c.call(), c.code)
		}
	}
}
