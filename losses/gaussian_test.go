package losses_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"pgregory.net/rapid"
)

func logNormal(mean, std float64) func(float64) float64 {
	return func(x float64) float64 {
		z := (x - mean) / std
		return -z*z/2 - math.Log(std) - math.Log(2*math.Pi)/2
	}
}

func TestGaussianAgainstQuadratureAndMonteCarlo(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, c := range []struct{ ms, ss, m, s float64 }{{0, 1, 0, 1}, {0.3, 0.05, 0.25, 0.06}, {0, 1, 2, 3}, {-4, 2, 1, 1.5}} {
		exact := must(losses.ExpectGaussian(losses.Gaussian{Mean: []float64{c.ms}, Std: []float64{c.ss}},
			losses.Gaussian{Mean: []float64{c.m}, Std: []float64{c.s}}))(t)
		q := must(losses.Quadrature(logNormal(c.ms, c.ss), logNormal(c.m, c.s), math.Inf(-1), math.Inf(1), 1e-10))(t)
		if math.Abs(q.KL-exact.KL) > 1e-9 || math.Abs(q.CrossEntropy-exact.CrossEntropy) > 1e-9 || math.Abs(q.Entropy-exact.Entropy) > 1e-9 {
			t.Errorf("%+v: quadrature %+v, want %+v", c, q, exact)
		}
		for _, control := range []bool{false, c.s*c.s < 2*c.ss*c.ss} { // else p/p* has no variance
			mc := must(losses.Densities[float64]{
				Draw:      func(r *rand.Rand) float64 { return c.ms + c.ss*r.NormFloat64() },
				LogTarget: logNormal(c.ms, c.ss), LogModel: logNormal(c.m, c.s), Control: control,
			}.MonteCarlo(20000, rng))(t)
			for _, part := range []struct {
				name string
				got  losses.Estimate
				want float64
			}{{"KL", mc.KL, exact.KL}, {"CE", mc.CrossEntropy, exact.CrossEntropy}, {"H", mc.Entropy, exact.Entropy}} {
				if i := part.got.Interval(0.9999); part.want < i.Low-1e-12 || part.want > i.High+1e-12 {
					t.Errorf("%+v: %s %v outside %v", c, part.name, part.want, i)
				}
			}
		}
	}
}

func TestGaussianLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 4).Draw(t, "n")
		draw := func(name string) losses.Gaussian {
			return losses.Gaussian{Mean: rapid.SliceOfN(rapid.Float64Range(-5, 5), n, n).Draw(t, name),
				Std: rapid.SliceOfN(rapid.Float64Range(0.01, 5), n, n).Draw(t, name)}
		}
		a, b := draw("target"), draw("model")
		s, err := losses.ExpectGaussian(a, b)
		if err != nil {
			t.Fatal(err)
		}
		if s.KL < 0 || !near(s.KL, s.CrossEntropy-s.Entropy, 1e-10) {
			t.Fatalf("%+v", s)
		}
		if same, err := losses.ExpectGaussian(a, a); err != nil || same.KL != 0 {
			t.Fatalf("KL to itself %+v, %v", same, err)
		}
	})
}

func TestGaussianEdges(t *testing.T) {
	g := func(m, s float64) losses.Gaussian {
		return losses.Gaussian{Mean: []float64{m}, Std: []float64{s}}
	}
	s := must(losses.ExpectGaussian(g(1, 0), g(0, 1)))(t)
	if !math.IsInf(s.Entropy, -1) || !math.IsInf(s.KL, 1) || !near(s.CrossEntropy, math.Log(2*math.Pi)/2+0.5, 1e-14) {
		t.Errorf("deterministic target: %+v", s)
	}
	// KL ≈ e² for deviations 1+e and 1.
	e := 0x1p-30
	if kl := must(losses.ExpectGaussian(g(0, 1+e), g(0, 1)))(t).KL; math.Abs(kl/(e*e)-1) > 1e-8 {
		t.Errorf("KL near 0 is %v, want %v", kl, e*e)
	}
}

func TestIntervalCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	covered := 0
	const trials = 1000
	for range trials {
		e := must(losses.Expectation(200, rng, func(r *rand.Rand) float64 { return r.Float64() }))(t)
		if i := e.Interval(0.9); i.Low <= 0.5 && 0.5 <= i.High {
			covered++
		}
	}
	if covered < 870 || covered > 930 { // 900 ∓ 3 standard errors of 9.5
		t.Errorf("90%% intervals held the mean %d times of %d", covered, trials)
	}
}

func TestQuadratureRefusesJumpsItCannotResolve(t *testing.T) {
	for _, c := range []struct{ lo, hi, tol float64 }{{1, 0, 1e-6}, {0, 1, 0}, {0, 1, math.NaN()}} {
		if _, err := losses.Quadrature(logNormal(0, 1), logNormal(0, 1), c.lo, c.hi, c.tol); err == nil {
			t.Errorf("%+v accepted", c)
		}
	}
	uniform := func(x float64) float64 {
		if x < 0 || x > 1 {
			return math.Inf(-1)
		}
		return 0
	}
	q := must(losses.Quadrature(uniform, logNormal(0, 1), 0, 1, 1e-9))(t)
	if want := math.Log(2*math.Pi)/2 + 1.0/6; math.Abs(q.CrossEntropy-want) > 1e-9 {
		t.Errorf("cross-entropy of the uniform %v, want %v", q.CrossEntropy, want)
	}
}

func TestGaussianFarApart(t *testing.T) {
	for _, c := range []struct{ ss, s, kl float64 }{{1, 1e200, 460.01701859880916}, {1e-200, 1, 460.01701859880916}, {1e-200, 1e-200, 0}} {
		got := must(losses.ExpectGaussian(losses.Gaussian{Mean: []float64{0}, Std: []float64{c.ss}}, losses.Gaussian{Mean: []float64{0}, Std: []float64{c.s}}))(t)
		if !near(got.KL, c.kl, 1e-12) {
			t.Errorf("deviations %v and %v: KL %v, want %v", c.ss, c.s, got.KL, c.kl)
		}
	}
}
