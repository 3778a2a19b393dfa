package losses_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/tensor"
	"pgregory.net/rapid"
)

func ExampleExpect() {
	target, _ := losses.ProbsOf([][]float64{{0.5, 0.5}, {0.25, 0.75}})
	logits, _ := losses.LogitsOf([][]float64{{0, 0}, {0, math.Log(3)}})
	s, err := losses.Expect([]float64{0.5, 0.5}, target, logits.LogProbs())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("KL %.4f = CE %.4f - H %.4f\n", math.Abs(s.ExpectedKL), s.ExpectedCrossEntropy, s.ExpectedEntropy)
	// Output: KL 0.0000 = CE 0.6277 - H 0.6277
}

func drawLogits(t *rapid.T, label string, n, k int, size float64) losses.Logits {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = rapid.SliceOfN(rapid.Float64Range(-size, size), k, k).Draw(t, label)
	}
	z, err := losses.LogitsOf(rows)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func near(a, b, tol float64) bool { return a == b || math.Abs(a-b) <= tol*(1+math.Abs(a)+math.Abs(b)) }

func TestDivergenceLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 4).Draw(t, "n"), rapid.IntRange(1, 6).Draw(t, "k")
		target := drawLogits(t, "target", n, k, 50).Probs()
		z := drawLogits(t, "model", n, k, 50)
		weights := drawLogits(t, "weights", 1, n, 3).Probs().Data
		s, err := losses.Expect(weights, target, z.LogProbs())
		if err != nil {
			t.Fatal(err)
		}
		for i, kl := range s.KL {
			if kl < 0 || s.Entropy[i] < -1e-15 || s.Entropy[i] > math.Log(float64(k))+1e-12 {
				t.Fatalf("KL %v, entropy %v of %d classes", kl, s.Entropy[i], k)
			}
			if !near(kl, s.CrossEntropy[i]-s.Entropy[i], 1e-12) {
				t.Fatalf("KL %v, CE − H %v", kl, s.CrossEntropy[i]-s.Entropy[i])
			}
		}
		if !near(s.ExpectedKL, s.ExpectedCrossEntropy-s.ExpectedEntropy, 1e-12) {
			t.Fatal("the identity fails in expectation")
		}
		// The gradient against central differences of the expected KL.
		g, err := losses.LogitGradient(weights, target, z)
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.IntRange(0, n*k-1).Draw(t, "at")
		const h = 1e-5
		value := func(d float64) float64 {
			moved := losses.Logits{Table: losses.Table{Classes: k, Data: append([]float64(nil), z.Data...)}}
			moved.Data[at] += d
			s, err := losses.Expect(weights, target, moved.LogProbs())
			if err != nil {
				t.Fatal(err)
			}
			return s.ExpectedKL
		}
		if d := (value(h) - value(-h)) / (2 * h); math.Abs(d-g.Data[at]) > 1e-7 {
			t.Fatalf("gradient %v, differences %v", g.Data[at], d)
		}
	})
}

func TestKLKeepsDigits(t *testing.T) {
	for _, e := range []float64{1e-3, 1e-6, 1e-9, 1e-12} {
		// KL((1+e)/2 ‖ 1/2) = ½[(1+e)log(1+e) + (1−e)log(1−e)] = e²/2 + e⁴/12 + …
		target := must(losses.ProbsOf([][]float64{{0.5 + e/2, 0.5 - e/2}}))(t)
		e = 2 * (target.Data[0] - 0.5) // as rounded
		kl := must(losses.KLDivergences(target, must(losses.LogitsOf([][]float64{{0, 0}}))(t).LogProbs()))(t)[0]
		if want := e*e/2 + e*e*e*e/12; math.Abs(kl-want) > 1e-3*want {
			t.Errorf("e = %v: KL %v, want %v", e, kl, want)
		}
		same := must(losses.KLDivergences(target, target.LogProbs()))(t)[0]
		if same != 0 {
			t.Errorf("KL of a distribution to itself is %v", same)
		}
	}
}

func TestReverseKLDiffers(t *testing.T) {
	a := must(losses.ProbsOf([][]float64{{1, 0}}))(t)
	b := must(losses.ProbsOf([][]float64{{0.5, 0.5}}))(t)
	forward := must(losses.KLDivergences(a, b.LogProbs()))(t)[0]
	reverse := must(losses.ReverseKLDivergences(a, b.LogProbs()))(t)[0]
	if !near(forward, math.Ln2, 1e-15) || !math.IsInf(reverse, 1) {
		t.Errorf("KL %v, reverse %v: want log 2 and +Inf", forward, reverse)
	}
}

func TestWeightedMinimiserMinimises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 5).Draw(t, "k")
		target := drawLogits(t, "target", 1, k, 3).Probs()
		v := rapid.SliceOfN(rapid.Float64Range(0.1, 5), k, k).Draw(t, "weights")
		best, err := losses.WeightedMinimiser(target.Data, v)
		if err != nil {
			t.Fatal(err)
		}
		p, err := losses.ProbsOf([][]float64{best})
		if err != nil {
			t.Fatal(err)
		}
		cost := losses.Targets{Probs: target, ClassWeights: v}
		at, err := cost.Evaluate(p.LogProbs().Logits())
		if err != nil {
			t.Fatal(err)
		}
		other, err := cost.Evaluate(drawLogits(t, "other", 1, k, 5))
		if err != nil {
			t.Fatal(err)
		}
		if at.Mean > other.Mean+1e-12 || at.KL > 1e-12 || !near(other.KL, other.Mean-at.Mean, 1e-10) {
			t.Fatalf("at the minimiser %v with KL %v, elsewhere %v with KL %v", at.Mean, at.KL, other.Mean, other.KL)
		}
	})
}

// The definition of PyTorch's cross_entropy(z, y, weight=v, ignore_index,
// label_smoothing=0.1) with reduction "mean", summed by hand.
func TestTargetsFollowWeightedMean(t *testing.T) {
	z := must(losses.LogitsOf([][]float64{{0.5, -1, 2}, {1, 1, -3}, {math.NaN(), 0, 0}}[:2]))(t)
	z.Data = append(z.Data, math.NaN(), 0, 0) // masked, so it may hold anything
	v := []float64{1, 2, 0.5}
	e := must(losses.Targets{Probs: must(losses.OneHot([]int{2, 1, 0}, 3))(t), ClassWeights: v, RowWeights: []float64{1, 1, 0}, Smoothing: 0.1}.Evaluate(z))(t)
	logs := losses.Logits{Table: losses.Table{Classes: 3, Data: z.Data[:6]}}.LogProbs()
	var sum, weight float64
	for i, y := range []int{2, 1} {
		sum -= 0.9 * v[y] * logs.Row(i)[y]
		for k, l := range logs.Row(i) {
			sum -= 0.1 / 3 * v[k] * l
		}
		weight += v[y]
	}
	if !near(e.Mean, sum/weight, 1e-14) || e.Rows[2] != 0 {
		t.Errorf("mean %v, rows %v: want mean %v", e.Mean, e.Rows, sum/weight)
	}
	for k := range 3 {
		if e.Gradient.Row(2)[k] != 0 {
			t.Error("a masked row has a gradient")
		}
	}
	for at := range 6 {
		const h = 1e-6
		moved := func(d float64) float64 {
			m := losses.Logits{Table: losses.Table{Classes: 3, Data: append([]float64(nil), z.Data...)}}
			m.Data[at] += d
			return must(losses.Targets{Probs: must(losses.OneHot([]int{2, 1, 0}, 3))(t), ClassWeights: v, RowWeights: []float64{1, 1, 0}, Smoothing: 0.1}.Evaluate(m))(t).Mean
		}
		if d := (moved(h) - moved(-h)) / (2 * h); math.Abs(d-e.Gradient.Data[at]) > 1e-8 {
			t.Errorf("gradient %d is %v, differences say %v", at, e.Gradient.Data[at], d)
		}
	}
}

// The definition on slices is that of the losses on a tape.
func TestTargetsAgreeWithTheTape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 5).Draw(t, "n"), rapid.IntRange(1, 5).Draw(t, "k")
		z := drawLogits(t, "z", n, k, 30)
		labels := rapid.SliceOfN(rapid.IntRange(-1, k-1), n, n).Draw(t, "labels")
		v := rapid.SliceOfN(rapid.Float64Range(0.1, 3), k, k).Draw(t, "weights") // a tiny normaliser would enlarge rounding
		v[0] *= float64(rapid.IntRange(0, 1).Draw(t, "keep class 0"))
		smoothing := rapid.Float64Range(0, 1).Draw(t, "smoothing")

		tape := autodiff.NewTape[float64]()
		x := tape.Variable(tensor.From(z.Data, n, k))
		loss := losses.CrossEntropy(x, labels, losses.CrossEntropyOptions{Weights: v, Smoothing: smoothing})
		tape.Backward(loss)

		rows, seen := make([]float64, n), slices.Clone(labels)
		for i, y := range labels {
			rows[i] = 1
			if y == losses.Ignore {
				rows[i], seen[i] = 0, 0
			}
		}
		targets, err := losses.OneHot(seen, k)
		if err != nil {
			t.Fatal(err)
		}
		e, err := losses.Targets{Probs: targets, ClassWeights: v, RowWeights: rows, Smoothing: smoothing}.Evaluate(z)
		if err != nil {
			t.Fatal(err)
		}
		if !near(e.Mean, loss.Value.Data[0], 1e-12) {
			t.Fatalf("on slices %v, on a tape %v", e.Mean, loss.Value.Data[0])
		}
		for at, g := range e.Gradient.Data {
			if !near(g, x.Grad.Data[at], 1e-12) {
				t.Fatalf("gradient %d: on slices %v, on a tape %v", at, g, x.Grad.Data[at])
			}
		}
	})
}

func TestLogSoftmaxKeepsDigits(t *testing.T) {
	l := must(losses.LogitsOf([][]float64{{40, 0}}))(t).LogProbs()
	if want := -math.Exp(-40); math.Abs(l.Data[0]-want) > 1e-15*math.Abs(want) {
		t.Errorf("log p = %v, want %v", l.Data[0], want)
	}
}

func TestDomainErrors(t *testing.T) {
	nan := math.NaN()
	table := []struct {
		name, code string
		call       func() error
	}{
		{"ragged", "shape_mismatch", func() error { _, err := losses.LogitsOf([][]float64{{1, 2}, {1}}); return err }},
		{"empty", "shape_mismatch", func() error { _, err := losses.ProbsOf(nil); return err }},
		{"no classes", "shape_mismatch", func() error { _, err := losses.ProbsOf([][]float64{{}}); return err }},
		{"nan", "invalid_parameter", func() error { _, err := losses.LogitsOf([][]float64{{1, nan}}); return err }},
		{"only −Inf", "invalid_parameter", func() error { _, err := losses.LogitsOf([][]float64{{math.Inf(-1)}}); return err }},
		{"label", "invalid_parameter", func() error { _, err := losses.OneHot([]int{3}, 3); return err }},
		{"no mass", "zero_normaliser", func() error { _, err := losses.WeightedMinimiser([]float64{1, 0}, []float64{0, 1}); return err }},
		{"weights", "shape_mismatch", func() error { _, err := losses.WeightedMinimiser([]float64{1, 0}, []float64{1}); return err }},
		{"sum 0", "invalid_distribution", func() error { _, err := losses.Table{Classes: 2, Data: []float64{0, 0}}.Normalise(); return err }},
		{"model without density", "invalid_parameter", func() error {
			g := losses.Gaussian{Mean: []float64{0}, Std: []float64{0}}
			_, err := losses.ExpectGaussian(g, g)
			return err
		}},
		{"one sample", "invalid_parameter", func() error {
			_, err := losses.Expectation(1, rand.New(rand.NewPCG(1, 1)), (*rand.Rand).Float64)
			return err
		}},
	}
	for _, c := range table {
		if e := new(losses.DomainError); !errors.As(c.call(), &e) || e.Code != c.code {
			t.Errorf("%s: %v, want code %s", c.name, c.call(), c.code)
		}
	}
}
