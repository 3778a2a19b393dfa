package losses_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"pgregory.net/rapid"
)

func ExampleFitTemperature() {
	// Twice as sure as the labels warrant: 3 of 4 are right at 90 %.
	z, _ := losses.LogitsOf([][]float64{{math.Log(9), 0}, {math.Log(9), 0}, {math.Log(9), 0}, {math.Log(9), 0}})
	t, err := losses.FitTemperature(z, []int{0, 0, 0, 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("T = %.3f, confidence %.3f, loss %.3f -> %.3f\n", t.Temperature(), t.Apply(z).Probs().Row(0)[0], t.Before, t.After)
	// Output: T = 2.000, confidence 0.750, loss 0.655 -> 0.562
}

func TestTemperatureCases(t *testing.T) {
	table := []struct {
		name   string
		rows   [][]float64
		labels []int
		want   float64 // of β
		after  float64
	}{
		{"separable", [][]float64{{3, 1}, {0, 2}}, []int{0, 1}, math.Inf(1), 0},
		{"separable with a tie", [][]float64{{3, 3, 1}, {0, 2, 0}}, []int{0, 1}, math.Inf(1), math.Ln2 / 2},
		{"always wrong", [][]float64{{3, 1}, {0, 2}}, []int{1, 0}, 0, math.Ln2},
		{"flat", [][]float64{{1, 1}, {5, 5}}, []int{1, 0}, 1, math.Ln2},
		{"large", [][]float64{{1e300, 0}, {1e300, 0}, {1e300, 0}}, []int{0, 0, 1}, math.Ln2 / 1e300, math.Log(3) - 2*math.Ln2/3},
		{"small", [][]float64{{1e-300, 0}, {1e-300, 0}, {1e-300, 0}}, []int{0, 0, 1}, math.Ln2 / 1e-300, math.Log(3) - 2*math.Ln2/3},
	}
	for _, c := range table {
		z := must(losses.LogitsOf(c.rows))(t)
		f := must(losses.FitTemperature(z, c.labels))(t)
		if f.Inverse != c.want && math.Abs(f.Inverse-c.want) > 1e-9*c.want || math.Abs(f.After-c.after) > 1e-12 {
			t.Errorf("%s: %+v, want β = %v and loss %v", c.name, f, c.want, c.after)
		}
		if e := must(losses.Targets{Probs: must(losses.OneHot(c.labels, z.Classes))(t)}.Evaluate(f.Apply(z)))(t); math.Abs(e.Mean-f.After) > 1e-12 {
			t.Errorf("%s: applied, the loss is %v, want %v", c.name, e.Mean, f.After)
		}
	}
	if _, err := losses.FitTemperature(losses.Logits{Table: losses.Table{Classes: 2, Data: []float64{0, math.Inf(-1)}}}, []int{0}); err == nil {
		t.Error("−Inf accepted")
	}
}

func TestTemperatureCertificate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 20).Draw(t, "n"), rapid.IntRange(2, 5).Draw(t, "k")
		z := drawLogits(t, "z", n, k, rapid.SampledFrom([]float64{1e-3, 1, 30, 1e4}).Draw(t, "size"))
		labels := rapid.SliceOfN(rapid.IntRange(0, k-1), n, n).Draw(t, "labels")
		f, err := losses.FitTemperature(z, labels)
		if err != nil {
			t.Fatal(err)
		}
		if f.After > f.Before || f.Gap > 1e-9*(1+f.After) {
			t.Fatalf("%+v", f)
		}
		if f.Inverse == 0 || math.IsInf(f.Inverse, 1) {
			return
		}
		if f.Bracket.Low > f.Inverse || f.Bracket.High < f.Inverse || f.Bracket.High-f.Bracket.Low > 1e-4*f.Inverse+1e-9 {
			t.Fatalf("the bracket is wide: %+v", f)
		}
	})
}

// generated returns logits of a calibrated classifier with a known prior, and
// the labels.
func generated(n, k int, rng *rand.Rand) (losses.Logits, []int) {
	z := losses.Logits{Table: losses.Table{Classes: k, Data: make([]float64, n*k)}}
	for at := range z.Data {
		z.Data[at] = 2 * rng.NormFloat64()
	}
	labels := make([]int, n)
	p := z.Probs()
	for i := range labels {
		u := rng.Float64()
		for u -= p.Row(i)[0]; u > 0 && labels[i] < k-1; u -= p.Row(i)[labels[i]] {
			labels[i]++
		}
	}
	return z, labels
}

func TestFitsRecoverTheDistortion(t *testing.T) {
	z, labels := generated(20000, 4, rand.New(rand.NewPCG(11, 12)))
	bias := []float64{0.5, -1, 0.25, 0.25}
	hot, skewed := losses.Logits{Table: losses.Table{Classes: 4}}, losses.Logits{Table: losses.Table{Classes: 4}}
	for at, v := range z.Data {
		hot.Data = append(hot.Data, 3*v)
		skewed.Data = append(skewed.Data, 3*v+bias[at%4])
	}
	f := must(losses.FitTemperature(hot, labels))(t)
	if math.Abs(f.Inverse-1.0/3) > 0.01 {
		t.Errorf("β = %v, want 1/3", f.Inverse)
	}
	for _, ridge := range []float64{0, 1e-6} {
		c := must(losses.FitBiasCorrected(skewed, labels, ridge))(t)
		if math.Abs(c.Inverse-1.0/3) > 0.01 || c.GradientNorm > 1e-10 || c.After > c.Before {
			t.Errorf("ridge %v: %+v", ridge, c)
		}
		for k, b := range c.Bias {
			if math.Abs(b+bias[k]/3) > 0.08 {
				t.Errorf("ridge %v: bias %d is %v, want about %v", ridge, k, b, -bias[k]/3)
			}
		}
		// The likelihood equations: average probabilities equal the frequencies.
		mean := make([]float64, 4)
		p := c.Apply(skewed).Probs()
		for i, y := range labels {
			for k, v := range p.Row(i) {
				mean[k] += v / 20000
			}
			mean[y] -= 1.0 / 20000
		}
		for k, m := range mean {
			if math.Abs(m) > 1e-5 {
				t.Errorf("ridge %v: class %d is off by %v on average", ridge, k, m)
			}
		}
	}
}

func TestBiasCorrectedEdges(t *testing.T) {
	z, labels := generated(300, 3, rand.New(rand.NewPCG(13, 14)))
	inverted := losses.Logits{Table: losses.Table{Classes: 3}}
	for _, v := range z.Data {
		inverted.Data = append(inverted.Data, -v)
	}
	c := must(losses.FitBiasCorrected(inverted, labels, 0))(t)
	if c.Inverse != 0 || c.GradientNorm > 1e-10 {
		t.Errorf("logits of the wrong sign: %+v", c)
	}
	for i := range labels {
		labels[i] %= 2 // class 2 has no label
	}
	if _, err := losses.FitBiasCorrected(z, labels, 0); err == nil {
		t.Error("a class without labels has no finite bias, but one was found")
	}
	if c, err := losses.FitBiasCorrected(z, labels, 1e-4); err != nil || c.After > c.Before {
		t.Errorf("with a ridge: %+v, %v", c, err)
	}
	separable := must(losses.LogitsOf([][]float64{{3, 0}, {2, 0}, {0, 1}, {0, 4}}))(t)
	if c, err := losses.FitBiasCorrected(separable, []int{0, 0, 1, 1}, 0); err == nil {
		t.Errorf("separable labels: %+v", c)
	}
	if _, err := losses.FitBiasCorrected(separable, []int{0, 0, 1, 1}, -1); err == nil {
		t.Error("a negative ridge accepted")
	}
}
