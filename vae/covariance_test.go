package vae_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/vae"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
)

// TestOptimalCovariance holds the value at the optimum to the mean log-density
// there, which no covariance nearby exceeds.
func TestOptimalCovariance(t *testing.T) {
	x := linearData(30, 5)
	mu := make([][][]float64, len(x))
	for i := range mu {
		mu[i] = [][]float64{linearData(30, 6)[i], linearData(30, 7)[i]}
	}
	c, err := vae.OptimalCovariance(x, mu)
	if err != nil {
		t.Fatal(err)
	}
	mean := func(cov *mat.SymDense) float64 {
		normal, ok := distmv.NewNormal(make([]float64, 6), cov, nil)
		if !ok {
			t.Fatal("not positive definite")
		}
		sum := 0.0
		for i := range x {
			for _, m := range mu[i] {
				r := make([]float64, 6)
				for j := range r {
					r[j] = x[i][j] - m[j]
				}
				sum += normal.LogProb(r) / 60
			}
		}
		return sum
	}
	cov := mat.NewSymDense(6, nil)
	for i, row := range c.Matrix {
		for j, v := range row {
			cov.SetSym(i, j, v)
		}
	}
	if got := mean(cov); math.Abs(got-c.Reconstruction) > 1e-10 {
		t.Errorf("reconstruction %v, want %v", c.Reconstruction, got)
	}
	rng := rand.New(rand.NewPCG(1, 8))
	for range 30 {
		other := mat.NewSymDense(6, nil)
		other.CopySym(cov)
		i, j := rng.IntN(6), rng.IntN(6)
		other.SetSym(i, j, cov.At(i, j)+0.1*rng.NormFloat64())
		if got := mean(other); got > c.Reconstruction {
			t.Errorf("%v beside the optimum, %v at it", got, c.Reconstruction)
		}
	}
	v, err := vae.OptimalVariance(x, mu)
	if err != nil || c.Reconstruction < v.ReconstructionPerDimension {
		t.Errorf("%v with a full covariance, %v with variances (%v)", c.Reconstruction, v.ReconstructionPerDimension, err)
	}
	e := new(vae.DomainError)
	if _, err := vae.OptimalCovariance(x[:2], mu[:2]); !errors.As(err, &e) || e.Code != "singular" {
		t.Errorf("four residuals of six numbers: %v, want singular", err)
	}
}
