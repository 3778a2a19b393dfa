package shift_test

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
	"pgregory.net/rapid"
)

// world is a Gaussian mixture on a circle whose posteriors are known exactly,
// so that they are calibrated under any prior.
type world struct {
	classes int
	spread  float64
}

// draw returns n posteriors under the train prior of points from the target
// prior, and the labels.
func (w world) draw(n int, train, target []float64, rng *rand.Rand) (losses.Probs, []int) {
	z := losses.Logits{Table: losses.Table{Classes: w.classes}}
	labels := make([]int, n)
	centre := func(k int) (x, y float64) {
		s, c := math.Sincos(2 * math.Pi * float64(k) / float64(w.classes))
		return 2 * c, 2 * s
	}
	for i := range labels {
		for u := rng.Float64() - target[0]; u > 0 && labels[i] < w.classes-1; u -= target[labels[i]] {
			labels[i]++
		}
		x, y := centre(labels[i])
		x, y = x+w.spread*rng.NormFloat64(), y+w.spread*rng.NormFloat64()
		for k := range w.classes {
			cx, cy := centre(k)
			z.Data = append(z.Data, math.Log(train[k])-((x-cx)*(x-cx)+(y-cy)*(y-cy))/(2*w.spread*w.spread))
		}
	}
	return z.Probs(), labels
}

func TestEMLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(1, 40).Draw(t, "n"), rapid.IntRange(2, 12).Draw(t, "k")
		p := drawProbs(t, "p", n, k, 8)
		train, start := drawProbs(t, "train", 1, k, 2).Data, drawProbs(t, "start", 1, k, 2).Data
		e, err := shift.EM(p, train, start, 10)
		if err != nil {
			t.Fatal(err)
		}
		for i := 1; i < len(e.MeanLogRatio); i++ {
			if e.MeanLogRatio[i] < e.MeanLogRatio[i-1]-1e-13 {
				t.Fatalf("iteration %d lowers the likelihood: %v", i, e.MeanLogRatio)
			}
		}
		// The definition, by another road: mean corrected posteriors.
		r, err := shift.Reweight(p, train, start)
		if err != nil {
			t.Fatal(err)
		}
		mean, value := make([]float64, k), 0.0
		for i := range n {
			for j, v := range r.Posterior.Row(i) {
				mean[j] += v / float64(n)
			}
			value += math.Log(r.DensityRatio[i]) / float64(n)
		}
		if !near(e.Priors[1], mean, 1e-12) || math.Abs(value-e.MeanLogRatio[0]) > 1e-12*(1+math.Abs(value)) {
			t.Fatalf("one step %v of %v, want %v of %v", e.Priors[1], e.MeanLogRatio[0], mean, value)
		}
		m, err := shift.MaximumLikelihood(p, train, start, 1e-10)
		if err != nil {
			t.Fatal(err)
		}
		if m.Gap > 1e-10 || m.MeanLogRatio < slices.Max(e.MeanLogRatio)-1e-10 {
			t.Fatalf("%+v is no maximum: EM reaches %v", m, e.MeanLogRatio)
		}
		var slack float64 // complementary slackness
		for j, v := range m.Prior {
			slack += v * (1 - m.KKT[j])
		}
		if math.Abs(slack) > 1e-9 {
			t.Fatalf("Σ π(1−G) = %v", slack)
		}
	})
}

func TestEMIsEquivariant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(5, 20).Draw(t, "n"), rapid.IntRange(2, 6).Draw(t, "k")
		p, train := drawProbs(t, "p", n, k, 4), drawProbs(t, "train", 1, k, 2).Data
		order := rapid.Permutation(seq(k)).Draw(t, "order")
		moved := losses.Probs{Table: losses.Table{Classes: k, Data: make([]float64, n*k)}}
		movedTrain := make([]float64, k)
		for to, from := range order {
			movedTrain[to] = train[from]
			for i := range n {
				moved.Row(i)[to] = p.Row(i)[from]
			}
		}
		a, err := shift.EM(p, train, train, 5)
		if err != nil {
			t.Fatal(err)
		}
		b, err := shift.EM(moved, movedTrain, movedTrain, 5)
		if err != nil {
			t.Fatal(err)
		}
		for to, from := range order {
			if math.Abs(b.Priors[5][to]-a.Priors[5][from]) > 1e-12 {
				t.Fatalf("classes permuted by %v: %v, want the same of %v", order, b.Priors[5], a.Priors[5])
			}
		}
	})
}

func seq(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

func TestEMIsTheSameOnAnyNumberOfProcessors(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	uniform := slices.Repeat([]float64{0.1}, 10)
	p, _ := world{10, 1}.draw(20000, uniform, uniform, rng)
	many := must(shift.EM(p, uniform, uniform, 3))(t)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	one := must(shift.EM(p, uniform, uniform, 3))(t)
	if !slices.Equal(one.Priors[3], many.Priors[3]) || !slices.Equal(one.MeanLogRatio, many.MeanLogRatio) {
		t.Errorf("one processor: %v, many: %v", one.Priors[3], many.Priors[3])
	}
}

func TestTenClassesEqualAnyNumber(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	uniform := slices.Repeat([]float64{0.1}, 10)
	p, _ := world{10, 0.7}.draw(5000, uniform, uniform, rng)
	// An eleventh class that never occurs takes the general loop.
	wide := losses.Probs{Table: losses.Table{Classes: 11}}
	for i := range p.Rows() {
		wide.Data = append(append(wide.Data, p.Row(i)...), 0)
	}
	ten := must(shift.EM(p, uniform, uniform, 20))(t)
	eleven := must(shift.EM(wide, append(uniform[:10:10], 0), append(uniform[:10:10], 0), 20))(t)
	if !near(ten.Priors[20], eleven.Priors[20][:10], 1e-13) || !near(ten.MeanLogRatio, eleven.MeanLogRatio, 1e-13) {
		t.Errorf("ten classes %v, eleven %v", ten.Priors[20], eleven.Priors[20])
	}
}

func TestLikelihoodOfTinyRows(t *testing.T) {
	// Σ w p is far below what a product of two such rows can hold.
	p := losses.Probs{Table: losses.Table{Classes: 2}}
	for range 1000 {
		p.Data = append(p.Data, 1e-200, 1)
	}
	e := must(shift.EM(p, []float64{0.5, 0.5}, []float64{1, 1e-200}, 1))(t)
	if want := math.Log(4e-200); math.Abs(e.MeanLogRatio[0]-want) > 1e-12*math.Abs(want) || !near(e.Priors[1], []float64{0.5, 0.5}, 1e-12) {
		t.Errorf("mean log ratio %v, want %v; then priors %v", e.MeanLogRatio[0], want, e.Priors[1])
	}
}

func TestMaximumWhereEMCrawls(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	train := []float64{0.4, 0.3, 0.2, 0.1}
	for _, target := range [][]float64{{0, 0.5, 0.5, 0}, {1, 0, 0, 0}, {0.1, 0.2, 0.3, 0.4}} {
		p, _ := world{4, 3}.draw(2000, train, target, rng) // classes overlap widely
		m := must(shift.MaximumLikelihood(p, train, train, 1e-11))(t)
		if m.Iterations > 40 {
			t.Errorf("%v: %d iterations", target, m.Iterations)
		}
		e := must(shift.EM(p, train, train, 300))(t)
		if last := e.MeanLogRatio[300]; last > m.MeanLogRatio+1e-11 {
			t.Errorf("%v: EM reaches %v, the maximum claims %v", target, last, m.MeanLogRatio)
		}
	}
	// Classes 0 and 1 cannot be told apart: any split is a maximum.
	twin := losses.Probs{Table: losses.Table{Classes: 3}}
	for range 50 {
		v := rng.Float64()
		twin.Data = append(twin.Data, v/2, v/2, 1-v)
	}
	third := []float64{1. / 3, 1. / 3, 1. / 3}
	if m := must(shift.MaximumLikelihood(twin, third, third, 1e-10))(t); m.Gap > 1e-10 {
		t.Errorf("twin classes: %+v", m)
	}
}

func TestMaximumPosteriorIsMoreRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	train := []float64{0.5, 0.3, 0.2}
	p, _ := world{3, 1}.draw(100, train, train, rng)
	alpha := []float64{4, 1, 8}
	m := must(shift.MaximumPosterior(p, train, train, alpha, 1e-11))(t)
	more := losses.Probs{Table: losses.Table{Classes: 3, Data: slices.Clone(p.Data)}}
	for k, a := range alpha {
		for range int(a) - 1 {
			row := make([]float64, 3)
			row[k] = 1
			more.Data = append(more.Data, row...)
		}
	}
	want := must(shift.MaximumLikelihood(more, train, train, 1e-11))(t)
	if !near(m.Prior, want.Prior, 1e-6) {
		t.Errorf("prior %v, want %v", m.Prior, want.Prior)
	}
}

// Calibrated posteriors of unshifted data stay put: the mean posterior is the
// prior, which is then the maximum.
func TestCalibratedPosteriorsStayPut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, k := rapid.IntRange(2, 30).Draw(t, "n"), rapid.IntRange(2, 5).Draw(t, "k")
		p := drawProbs(t, "p", n, k, 4)
		train := make([]float64, k)
		for at, v := range p.Data {
			train[at%k] += v / float64(n)
		}
		m, err := shift.MaximumLikelihood(p, train, train, 1e-10)
		if err != nil {
			t.Fatal(err)
		}
		if !near(m.Prior, train, 1e-9) || math.Abs(m.MeanLogRatio) > 1e-12 {
			t.Fatalf("moved from %v to %v", train, m.Prior)
		}
	})
}
