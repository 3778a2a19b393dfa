package vae_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/tensor"
	"github.com/gradus-ml/gradus/vae"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
)

// rows are examples in memory; as a source, without labels.
type rows [][]float64

func (r rows) Len() int { return len(r) }

func (r rows) Read(i int, x []float32) (int, error) {
	for j, v := range r[i] {
		x[j] = float32(v)
	}
	return -1, nil
}

// linearData draws n examples of d = 6 from two directions and noise.
func linearData(n int, seed uint64) rows {
	rng := rand.New(rand.NewPCG(seed, 9))
	x := make(rows, n)
	for i := range x {
		a, b := rng.NormFloat64(), rng.NormFloat64()
		x[i] = []float64{2 * a, 2*a + 1, b, -b, a - b, 3}
		for j := range x[i] {
			x[i][j] += 0.5 * rng.NormFloat64()
		}
	}
	return x
}

// TestExactLikelihood holds LogLikelihood against the density of the marginal
// normal distribution, for parameters fitted and not.
func TestExactLikelihood(t *testing.T) {
	x := linearData(40, 1)
	p, err := vae.FitPPCA(x, 2)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := p.LogLikelihood(x)
		if err != nil {
			t.Fatal(err)
		}
		if want := marginal(t, p, x); math.Abs(got-want) > 1e-10 {
			t.Errorf("log-likelihood %v, want %v", got, want)
		}
		p.W[0][0] += 0.7 // columns no longer orthogonal
		p.C[2] -= 0.3
		p.Variance *= 1.5
	}
}

func marginal(t *testing.T, p *vae.PPCA, x rows) float64 {
	t.Helper()
	d := len(p.W)
	cov := mat.NewSymDense(d, nil)
	for i := range d {
		for j := i; j < d; j++ {
			sum := 0.0
			for u, w := range p.W[i] {
				sum += w * p.W[j][u]
			}
			if i == j {
				sum += p.Variance
			}
			cov.SetSym(i, j, sum)
		}
	}
	normal, ok := distmv.NewNormal(p.C, cov, nil)
	if !ok {
		t.Fatal("covariance is not positive definite")
	}
	sum := 0.0
	for _, row := range x {
		sum += normal.LogProb(row)
	}
	return sum / float64(len(x))
}

// TestBoundReachesTheLikelihood: with the exact posterior as encoder the bound
// of the fitted linear decoder is its log-likelihood, the fitted variance is the
// optimal one, and nothing nearby does better.
func TestBoundReachesTheLikelihood(t *testing.T) {
	x := linearData(60, 2)
	p, err := vae.FitPPCA(x, 2)
	if err != nil {
		t.Fatal(err)
	}
	exact, err := p.LogLikelihood(x)
	if err != nil {
		t.Fatal(err)
	}
	m, s, err := p.Posterior(x)
	if err != nil {
		t.Fatal(err)
	}
	bound, err := p.ELBO(m, s, x, p.Variance)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(bound.ELBO-exact) > 1e-10 || math.Abs(bound.OptimalVariance-p.Variance) > 1e-12 {
		t.Errorf("bound %v and best variance %v, want the log-likelihood %v and the fitted %v", bound.ELBO, bound.OptimalVariance, exact, p.Variance)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	for range 50 {
		worse := *p
		worse.W = make([][]float64, len(p.W))
		for j, w := range p.W {
			worse.W[j] = []float64{w[0] + 0.05*rng.NormFloat64(), w[1] + 0.05*rng.NormFloat64()}
		}
		worse.Variance *= math.Exp(0.05 * rng.NormFloat64())
		if v, err := worse.LogLikelihood(x); err != nil || v > exact {
			t.Errorf("log-likelihood %v (%v) beside the fit, %v at it", v, err, exact)
		}
		if b, err := worse.ELBO(m, s, x, worse.Variance); err != nil || b.ELBO > exact {
			t.Errorf("bound %v (%v) above the log-likelihood %v", b.ELBO, err, exact)
		}
	}
}

// linearModel is an autoencoder of one layer each way.
func linearModel(d, k int, seed uint64) *vae.Model[float32] {
	return vae.NewMLP[float32]([]int{d}, nil, k, vae.Gaussian, rand.New(rand.NewPCG(seed, 1)))
}

// trained fits a linear autoencoder to data of known likelihood.
func trained(t *testing.T, o vae.Objective, epochs int) (*vae.Model[float32], rows, *vae.Result) {
	t.Helper()
	x, m := linearData(512, 3), linearModel(6, 2, 2)
	if o.Scale == vae.Learned {
		m.LogVariance = nn.NewParam[float32](1)
	}
	step := optim.AdamStep[float32](0.02)
	step.Rate = optim.Cosine{From: 0.02, To: 0, Steps: 8 * epochs}
	r, err := vae.Fit(t.Context(), m, x, vae.Config{Objective: o, BatchSize: 64, Epochs: epochs, Seed: 4, Step: step})
	if err != nil {
		t.Fatal(err)
	}
	return m, x, r
}

// TestTrainingReachesTheLikelihood: a linear autoencoder, trained on the loss
// with the optimal variance put in, reaches the exact log-likelihood of
// probabilistic principal components; so do a learned variance, and the
// importance-weighted bound.
func TestTrainingReachesTheLikelihood(t *testing.T) {
	for _, o := range []vae.Objective{vae.Plain(), {Scale: vae.Learned, Bounds: vae.Unbounded(), Beta: 1, Samples: 1}} {
		m, x, r := trained(t, o, 150)
		p, err := vae.FitPPCA(x, 2)
		if err != nil {
			t.Fatal(err)
		}
		exact, err := p.LogLikelihood(x)
		if err != nil {
			t.Fatal(err)
		}
		ledger, err := vae.Measure(t.Context(), m, x, vae.Measurement{Trained: o, Samples: 200})
		if err != nil {
			t.Fatal(err)
		}
		if gap := exact + ledger.Negative.Mean; gap > 0.02 || gap < -0.005 {
			t.Errorf("%v: bound %v, log-likelihood %v", o.Scale, -ledger.Negative.Mean, exact)
		}
		if math.Abs(r.Variance[0]/p.Variance-1) > 0.05 || ledger.Active != 2 || ledger.Alarm != (vae.Alarm{}) {
			t.Errorf("%v: variance %v, %d active units, alarm %v: want %v, 2 and none", o.Scale, r.Variance, ledger.Active, ledger.Alarm, p.Variance)
		}
		bound, err := vae.ImportanceBound(t.Context(), m, x[:200], 50, 1)
		if err != nil {
			t.Fatal(err)
		}
		part, err := p.LogLikelihood(x[:200])
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(bound.Mean-part) > 0.02 || !(bound.StandardError > 0) {
			t.Errorf("%v: importance-weighted bound %v, log-likelihood %v", o.Scale, bound, part)
		}
	}
}

// TestImportanceBoundRises: for a poor encoder the bound rises with K from the
// evidence lower bound towards the exact log-likelihood.
func TestImportanceBoundRises(t *testing.T) {
	m, x, r := trained(t, vae.Plain(), 6)
	x = x[:100]
	decoder := m.Decoder.(nn.Sequential[float32])[0].(*nn.Linear[float32])
	p := &vae.PPCA{Variance: r.Variance[0], LinearDecoder: vae.LinearDecoder{C: tensor.Convert[float64](decoder.Bias.Value).Data}}
	for j := range 6 {
		row := decoder.Weight.Value.Row(j)
		p.W = append(p.W, []float64{float64(row[0]), float64(row[1])})
	}
	exact, err := p.LogLikelihood(x)
	if err != nil {
		t.Fatal(err)
	}
	first, last := 0.0, math.Inf(-1)
	for _, k := range []int{1, 10, 1000} {
		e, err := vae.ImportanceBound(t.Context(), m, x, k, 7)
		if err != nil {
			t.Fatal(err)
		}
		if !(e.Mean > last) || e.Mean > exact+0.1 {
			t.Errorf("K = %d: bound %v after %v, log-likelihood %v", k, e.Mean, last, exact)
		}
		last = e.Mean
		if k == 1 {
			first = last
		}
	}
	if !(exact-first > 0.05 && exact-last < 0.1*(exact-first)) {
		t.Errorf("bound %v at K = 1 and %v at 1000, log-likelihood %v", first, last, exact)
	}
}

func TestPPCARefuses(t *testing.T) {
	x := linearData(20, 1)
	for name, f := range map[string]func() error{
		"no units":       func() error { _, err := vae.FitPPCA(x, 0); return err },
		"all dimensions": func() error { _, err := vae.FitPPCA(x, 6); return err },
		"no data":        func() error { _, err := vae.FitPPCA(nil, 1); return err },
		"a line":         func() error { _, err := vae.FitPPCA([][]float64{{1, 2, 3}, {2, 4, 6}, {3, 6, 9}}, 1); return err },
	} {
		if err := f(); !errors.As(err, new(*vae.DomainError)) {
			t.Errorf("%s: %v, want a DomainError", name, err)
		}
	}
}

func TestFitStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	m, x := linearModel(6, 2, 1), linearData(32, 1)
	c := vae.Config{Objective: vae.Plain(), BatchSize: 8, Epochs: 100, Step: optim.SGDStep[float32](1e-3), OnEpoch: func(vae.Epoch) { cancel() }}
	if r, err := vae.Fit(ctx, m, x, c); !errors.Is(err, context.Canceled) || len(r.Epochs) != 1 {
		t.Errorf("after cancellation: %v", err)
	}
	c.Step, c.OnEpoch = optim.SGDStep[float32](1e30), nil
	if _, err := vae.Fit(t.Context(), m, x, c); err == nil {
		t.Error("a step size of 1e30 is no error")
	}
}
