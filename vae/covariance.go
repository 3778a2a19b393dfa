package vae

import (
	"github.com/gradus-ml/gradus/internal/domain"
	"gonum.org/v1/gonum/mat"
)

// Covariance is the best full covariance of a Gaussian decoder.
type Covariance struct {
	Matrix         [][]float64 // [d][d]: E (x − μ)(x − μ)ᵀ
	Reconstruction float64     // E log p(x|z) there: −½(d·log 2π + log det + d), in nats
}

// OptimalCovariance returns the covariance Σ that maximises E log N(x; μ(z), Σ)
// for data x [B][d] and decoder means mu [B][S][d]. It does no worse than the
// variances of [OptimalVariance], by the same argument. Where the residuals span
// less than d dimensions, as fewer than d of them always do, the bound has no
// maximiser: a singular. Source: docs/optimal-variance-vae.md.
func OptimalCovariance(x [][]float64, mu [][][]float64) (*Covariance, error) {
	if err := checkMeans(x, mu); err != nil {
		return nil, err
	}
	d, n := len(x[0]), float64(len(x)*len(mu[0]))
	sum := mat.NewSymDense(d, nil)
	r := mat.NewVecDense(d, nil)
	for i, samples := range mu {
		for _, m := range samples {
			for j, v := range x[i] {
				r.SetVec(j, v-m[j])
			}
			sum.SymRankOne(sum, 1/n, r)
		}
	}
	var factor mat.Cholesky
	if !factor.Factorize(sum) || !(factor.Cond() < 1e15) {
		return nil, domain.Errorf(domain.Singular, "the residuals do not span the %d dimensions: want more of them, or a variance per dimension", d)
	}
	c := &Covariance{Matrix: make([][]float64, d), Reconstruction: -(float64(d)*(log2Pi+1) + factor.LogDet()) / 2}
	for i := range c.Matrix {
		c.Matrix[i] = mat.Row(nil, i, sum)
	}
	return c, nil
}
