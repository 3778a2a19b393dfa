package vae_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/modelfile"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
	"pgregory.net/rapid"
)

// TestLedgerAddsUp holds the ledger against the losses that training uses, at
// the same variance.
func TestLedgerAddsUp(t *testing.T) {
	m, x, _ := trained(t, vae.Plain(), 20)
	l, err := vae.Measure(t.Context(), m, x, vae.Measurement{Trained: vae.Plain(), Samples: 40})
	if err != nil {
		t.Fatal(err)
	}
	data := tensor.New[float32](len(x), 6)
	for i := range x {
		if _, err := x.Read(i, data.Row(i)); err != nil {
			t.Fatal(err)
		}
	}
	pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Rand: rand.New(rand.NewPCG(8, 8))}
	o := vae.At(l.Variance[0])
	o.Samples = 40
	distortion, rate := m.Loss(pass, data, o)
	unit, _ := m.Loss(pass, data, vae.At(1))
	near := func(name string, got, want, tolerance float64) {
		t.Helper()
		if !(math.Abs(got-want) <= tolerance) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	near("distortion", l.Distortion, float64(distortion.Value.Data[0]), 0.05)
	near("rate", l.Rate, float64(rate.Value.Data[0]), 1e-4)
	near("negative bound", l.Negative.Mean, l.Rate+l.Distortion, 1e-9)
	near("bits per dimension", l.BitsPerDimension*6*math.Ln2, l.Negative.Mean, 1e-9)
	near("sum of the units' rates", l.UnitRate[0]+l.UnitRate[1], l.Rate, 1e-9)
	near("at σ = 1", l.AtUnitSigma, float64(unit.Value.Data[0])+l.Rate, 0.05)
	near("best", l.Best, l.Negative.Mean, 0.01) // the frozen variance is this data's own, but for the codes drawn
	scores, err := vae.Scores(t.Context(), m, x, 40, 0)
	if err != nil {
		t.Fatal(err)
	}
	mean := 0.0
	for _, s := range scores {
		mean += s / float64(len(scores))
	}
	near("mean score", mean, l.Negative.Mean, 1e-9)

	p, err := vae.FitPPCA(x[:500], 2)
	if err != nil {
		t.Fatal(err)
	}
	near("top direction", l.TopDirection/p.Eigenvalues[0], 1, 1e-3)
}

// TestCollapse trains models that collapse for each cause, and holds the alarm
// to naming it.
func TestCollapse(t *testing.T) {
	beta := vae.At(0.5)
	beta.Beta = 100
	for _, c := range []struct {
		objective vae.Objective
		cause     vae.Cause
		text      string
	}{
		{vae.At(vae.VarianceOfBeta(100)), vae.VarianceTooLarge, "decoder variance of 50"},
		{beta, vae.BetaTooLarge, "beta of 100"},
	} {
		m, x, _ := trained(t, c.objective, 60)
		l, err := vae.Measure(t.Context(), m, x, vae.Measurement{Trained: c.objective, Samples: 1})
		if err != nil {
			t.Fatal(err)
		}
		if l.Active != 0 || l.Alarm.Cause != c.cause || !strings.Contains(l.Alarm.Message, c.text) {
			t.Errorf("%v: %d active units, rate %v, alarm %q", c.cause, l.Active, l.Rate, l.Alarm)
		}
	}
	dead, x := linearModel(6, 2, 1), linearData(50, 1)
	for _, p := range nn.Params[float32](dead) {
		clear(p.Value.Data)
	}
	l, err := vae.Measure(t.Context(), dead, x, vae.Measurement{Trained: vae.At(0.1), Samples: 1})
	if err != nil {
		t.Fatal(err)
	}
	if l.Alarm.Cause != vae.Stuck {
		t.Errorf("an encoder of zeros: alarm %q", l.Alarm)
	}
	// Deviations below the prior's and no means: 0.32 nats a unit for nothing.
	copy(dead.Encoder.(nn.Sequential[float32])[0].(*nn.Linear[float32]).Bias.Value.Data, []float32{0, 0, -1.3, -1.3})
	o := vae.At(0.1)
	o.FreeBits = 0.3
	if l, err = vae.Measure(t.Context(), dead, x, vae.Measurement{Trained: o, Samples: 1}); err != nil {
		t.Fatal(err)
	}
	if l.Alarm.Cause != vae.HeldByFreeBits {
		t.Errorf("free bits spent on noise: alarm %q", l.Alarm)
	}
}

// TestBernoulli learns which of two pictures is shown, and scores a third.
func TestBernoulli(t *testing.T) {
	x := make(rows, 64)
	for i := range x {
		x[i] = []float64{1, 1, 0, 0}
		if i%2 == 0 {
			x[i] = []float64{0, 0, 1, 1}
		}
	}
	m := vae.NewMLP[float32]([]int{4}, []int{8}, 1, vae.Bernoulli, rand.New(rand.NewPCG(1, 2)))
	c := vae.Config{Objective: vae.Plain(), BatchSize: 16, Epochs: 80, WarmUp: 20, Step: optim.AdamStep[float32](0.02)}
	if _, err := vae.Fit(t.Context(), m, x, c); err != nil {
		t.Fatal(err)
	}
	l, err := vae.Measure(t.Context(), m, x, vae.Measurement{Trained: vae.Plain(), Samples: 20})
	if err != nil {
		t.Fatal(err)
	}
	// No code does better than the entropy of one coin.
	if !(l.Negative.Mean > math.Ln2 && l.Negative.Mean < 1.2) || l.Active != 1 {
		t.Errorf("negative bound %v nats, %d active units: want a little above log 2, and 1", l.Negative.Mean, l.Active)
	}
	scores, err := vae.Scores(t.Context(), m, append(slices.Clone(x[:2]), []float64{1, 0, 1, 0}), 20, 1)
	if err != nil {
		t.Fatal(err)
	}
	if !(scores[2] > 2+max(scores[0], scores[1])) {
		t.Errorf("scores %v: want the last one far above", scores)
	}
	pictures := m.Sample(200, rand.New(rand.NewPCG(3, 3)), true)
	agree := 0
	for i := range 200 {
		if p := pictures.Row(i); p[0] == p[1] && p[2] == p[3] && p[0] != p[2] {
			agree++
		}
	}
	if agree < 140 {
		t.Errorf("%d of 200 samples are one of the two pictures", agree)
	}
	ends := []float32{1, 1, 0, 0, 0, 0, 1, 1}
	path, err := m.Interpolate(ends[:4], ends[4:], 5)
	if err != nil {
		t.Fatal(err)
	}
	walk, err := m.Traverse(ends[:4], 0, -2, 2, 3)
	if err != nil {
		t.Fatal(err)
	}
	same := m.Reconstruct(tensor.From(ends, 2, 4))
	if !slices.Equal(path.Row(0), same.Row(0)) || !(path.Row(4)[0] < 0.3 && path.Row(0)[0] > 0.7) || walk.Row(0)[0] == walk.Row(2)[0] {
		t.Errorf("path %v, traversal %v, reconstruction %v", path.Data, walk.Data, same.Data)
	}
}

// TestSetVariance: a model trained at a fixed variance is better judged at the
// one of its own residuals, and variances that are none are refused.
func TestSetVariance(t *testing.T) {
	m, x, _ := trained(t, vae.At(20), 10)
	how := vae.Measurement{Trained: vae.At(20), Samples: 1}
	before, err := vae.Measure(t.Context(), m, x, how)
	if err != nil {
		t.Fatal(err)
	}
	s, err := vae.Residuals(t.Context(), m, x, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range [][]float64{{s.Shared()}, s.PerDimension()} {
		if err := m.SetVariance(v...); err != nil {
			t.Fatal(err)
		}
		after, err := vae.Measure(t.Context(), m, x, how)
		if err != nil {
			t.Fatal(err)
		}
		if !(after.Negative.Mean < before.Negative.Mean) {
			t.Errorf("negative bound %v with variances %v, %v before", after.Negative.Mean, v, before.Negative.Mean)
		}
		before = after
	}
	for _, v := range [][]float64{nil, {0}, {1, 1}, {math.NaN()}, {math.Inf(1)}} {
		if err := m.SetVariance(v...); err == nil {
			t.Errorf("variances %v are no error", v)
		}
	}
}

func TestModelAsFile(t *testing.T) {
	m, x, _ := trained(t, vae.Plain(), 2)
	path := t.TempDir() + "/vae"
	if err := (&modelfile.Model{Net: m, Input: []int{6}}).Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := modelfile.Load(path, &vae.Model[float32]{})
	if err != nil {
		t.Fatal(err)
	}
	a, err := vae.Scores(t.Context(), m, x, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := vae.Scores(t.Context(), loaded.Net.(*vae.Model[float32]), x, 3, 1)
	if err != nil || !slices.Equal(a, b) {
		t.Errorf("scores of the loaded model differ (%v)", err)
	}
}

func TestModelRefused(t *testing.T) {
	for name, change := range map[string]func(m *vae.Model[float32]){
		"no decoder":         func(m *vae.Model[float32]) { m.Decoder = nil },
		"a negative size":    func(m *vae.Model[float32]) { m.Input = []int{-2, -3} },
		"an absurd size":     func(m *vae.Model[float32]) { m.Input = []int{1 << 40, 1 << 40} },
		"another input":      func(m *vae.Model[float32]) { m.Input = []int{5} },
		"other units":        func(m *vae.Model[float32]) { m.Latent = 3 },
		"no variance":        func(m *vae.Model[float32]) { m.Variance = nil },
		"two variances":      func(m *vae.Model[float32]) { m.Variance.Value = tensor.New[float32](2) },
		"Bernoulli with one": func(m *vae.Model[float32]) { m.Likelihood = vae.Bernoulli },
		"a likelihood":       func(m *vae.Model[float32]) { m.Likelihood = "laplace" },
	} {
		m := linearModel(6, 2, 1)
		change(m)
		if err := m.Validate(); err == nil {
			t.Errorf("%s: no error", name)
		}
		if _, err := vae.Scores(t.Context(), m, linearData(4, 1), 1, 1); err == nil {
			t.Errorf("%s: scores without an error", name)
		}
	}
}

func TestConfigRefused(t *testing.T) {
	good := vae.Config{Objective: vae.Plain(), BatchSize: 8, Epochs: 1, Step: optim.SGDStep[float32](1e-3)}
	for name, change := range map[string]func(c *vae.Config){
		"beta":                  func(c *vae.Config) { c.Objective.Beta = -1 },
		"samples":               func(c *vae.Config) { c.Objective.Samples = 0 },
		"a variance too many":   func(c *vae.Config) { c.Objective.Variance = 1 },
		"bounds":                func(c *vae.Config) { c.Objective.Bounds = vae.Bounds{Min: 2, Max: 1} },
		"freeze per example":    func(c *vae.Config) { c.Freeze = vae.PerExample },
		"nothing to learn with": func(c *vae.Config) { c.Objective.Scale = vae.Learned },
		"no epochs":             func(c *vae.Config) { c.Epochs = 0 },
	} {
		c := good
		change(&c)
		if _, err := vae.Fit(t.Context(), linearModel(6, 2, 1), linearData(16, 1), c); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestStream: in any order, in parts, and weighted by age, the stream's variances
// are those of the definition; none is above the optimum of the others.
func TestStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, d := rapid.IntRange(2, 20).Draw(t, "n"), rapid.IntRange(1, 5).Draw(t, "d")
		number := rapid.Float64Range(-100, 100)
		forget := rapid.SampledFrom([]float64{0, 0.1}).Draw(t, "forget")
		parts := [2]*vae.Stream{vae.NewStream(d), vae.NewStream(d)}
		parts[0].Forget = forget
		var x [][]float64
		var mu [][][]float64
		norm, weight := 0.0, 0.0
		for i := range n {
			row, mean := make([]float64, d), make([]float64, d)
			squared := 0.0
			for j := range d {
				row[j], mean[j] = number.Draw(t, "x"), number.Draw(t, "mu")
				squared += (row[j] - mean[j]) * (row[j] - mean[j])
			}
			w := math.Pow(1-forget, float64(n-1-i))
			norm, weight = norm+w*squared, weight+w
			which := 0
			if forget == 0 {
				which = i % 2
			}
			if err := parts[which].Add(row, mean); err != nil {
				t.Fatal(err)
			}
			x, mu = append(x, row), append(mu, [][]float64{mean})
		}
		if err := parts[0].Merge(parts[1]); err != nil {
			t.Fatal(err)
		}
		want := norm / weight / float64(d)
		if got := parts[0].Shared(); math.Abs(got-want) > 1e-10*want {
			t.Fatalf("shared variance %v, want %v", got, want)
		}
		v, err := vae.OptimalVariance(x, mu)
		if err != nil {
			t.Fatal(err)
		}
		if v.ReconstructionPerDimension < v.ReconstructionShared-1e-9 || v.ReconstructionPerExample < v.ReconstructionShared-1e-9 {
			t.Fatalf("a finer variance did worse: %+v", v)
		}
		if c, err := vae.ClampedVariance(v.MeanSquaredNorm, d, v.Shared*2+1, v.Shared*3+2); err != nil || c.Reconstruction > v.ReconstructionShared {
			t.Fatalf("a variance out of place did better: %v (%v)", c, err)
		}
	})
}
