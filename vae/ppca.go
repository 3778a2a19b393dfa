package vae

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/internal/domain"
	"gonum.org/v1/gonum/mat"
)

// PPCA is probabilistic principal component analysis: the autoencoder with a
// linear decoder, whose marginal likelihood N(x; c, WWᵀ + σ²I) is known exactly
// and whose best encoder is a Gaussian of one covariance for all x. A bound that
// a linear autoencoder reaches can be held against it.
// Source: Tipping and Bishop 1999.
type PPCA struct {
	LinearDecoder

	Variance    float64   // σ²
	Eigenvalues []float64 // of the data's covariance (divisor n), from the largest; [d]
}

// FitPPCA returns the parameters of largest likelihood with k units: W has the
// first k eigenvectors of the covariance, scaled by √(λ_j − σ²), and σ² is the
// mean of the other eigenvalues. Data are x [n][d] with 1 ≤ k < d.
// It returns a singular where the eigenvalues after the first k are 0: the
// likelihood then has no maximum. Source: Tipping and Bishop 1999, section 3.2.
func FitPPCA(x [][]float64, k int) (*PPCA, error) {
	if err := checkRows("x", x, -1); err != nil {
		return nil, err
	}
	d := len(x[0])
	if k < 1 || k >= d {
		return nil, invalid("%d units for %d dimensions: want at least 1 and fewer than the dimensions", k, d)
	}
	p := &PPCA{LinearDecoder: LinearDecoder{W: make([][]float64, d), C: make([]float64, d)}}
	for _, row := range x {
		for j, v := range row {
			p.C[j] += v / float64(len(x))
		}
	}
	centred := mat.NewDense(len(x), d, nil)
	for i, row := range x {
		for j, v := range row {
			centred.Set(i, j, v-p.C[j])
		}
	}
	var covariance mat.SymDense
	covariance.SymOuterK(1/float64(len(x)), centred.T())
	var eigen mat.EigenSym
	if !eigen.Factorize(&covariance, true) {
		return nil, domain.Errorf(domain.Singular, "the covariance has no eigenvalue decomposition")
	}
	p.Eigenvalues = eigen.Values(nil)
	slices.Reverse(p.Eigenvalues)
	for _, v := range p.Eigenvalues[k:] {
		p.Variance += v / float64(d-k)
	}
	if !(p.Variance > p.Eigenvalues[0]*1e-14) {
		return nil, domain.Errorf(domain.Singular, "the data vary in %d dimensions or fewer: want fewer units", k)
	}
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	for j := range p.W {
		p.W[j] = make([]float64, k)
		for u := range k {
			p.W[j][u] = vectors.At(j, d-1-u) * math.Sqrt(max(p.Eigenvalues[u]-p.Variance, 0))
		}
	}
	return p, nil
}

// LogLikelihood returns the mean over x [n][d] of log N(x; c, WWᵀ + σ²I), in
// nats. With M = WᵀW + σ²I it needs a k × k factorisation only: log det is (d−k)
// log σ² + log det M and the quadratic form ‖r‖²/σ² − ‖M^(−½)Wᵀr‖²/σ². Any W, c
// and σ² > 0 will do, fitted or not.
func (p *PPCA) LogLikelihood(x [][]float64) (float64, error) {
	m, err := p.factor(x)
	if err != nil {
		return 0, err
	}
	d, k := len(p.W), len(p.W[0])
	sum := 0.0
	for _, row := range x {
		projected, norm := p.project(row)
		var solved mat.VecDense
		if err := m.SolveVecTo(&solved, projected); err != nil {
			return 0, domain.Errorf(domain.Singular, "WᵀW + σ²I: %v", err)
		}
		sum += (norm - mat.Dot(projected, &solved)) / p.Variance
	}
	logDet := float64(d-k)*math.Log(p.Variance) + m.LogDet()
	return -(float64(d)*log2Pi + logDet + sum/float64(len(x))) / 2, nil
}

// Posterior returns means m [n][k] and deviations s [n][k] of the best encoder
// of independent units: m = M⁻¹Wᵀ(x − c) and s² = σ²/M_jj. For fitted W it is the
// exact posterior, since the columns of W are orthogonal, and the bound with it
// is the log-likelihood.
func (p *PPCA) Posterior(x [][]float64) (m, s [][]float64, err error) {
	factor, err := p.factor(x)
	if err != nil {
		return nil, nil, err
	}
	var gram mat.SymDense
	factor.ToSym(&gram)
	for _, row := range x {
		projected, _ := p.project(row)
		var solved mat.VecDense
		if err := factor.SolveVecTo(&solved, projected); err != nil {
			return nil, nil, domain.Errorf(domain.Singular, "WᵀW + σ²I: %v", err)
		}
		mean, std := make([]float64, solved.Len()), make([]float64, solved.Len())
		for j := range mean {
			mean[j], std[j] = solved.AtVec(j), math.Sqrt(p.Variance/gram.At(j, j))
		}
		m, s = append(m, mean), append(s, std)
	}
	return m, s, nil
}

// factor checks the model and x, and returns the factorised WᵀW + σ²I.
func (p *PPCA) factor(x [][]float64) (*mat.Cholesky, error) {
	if err := checkRows("W", p.W, -1); err != nil {
		return nil, err
	}
	if len(p.C) != len(p.W) || !positive(p.Variance) {
		return nil, invalid("c of %d numbers and a variance of %v for W of %d rows: want as many, and a variance above 0", len(p.C), p.Variance, len(p.W))
	}
	if err := checkRows("x", x, len(p.W)); err != nil {
		return nil, err
	}
	k := len(p.W[0])
	gram := mat.NewSymDense(k, nil)
	for a := range k {
		for b := a; b < k; b++ {
			sum := 0.0
			if a == b {
				sum = p.Variance
			}
			for _, w := range p.W {
				sum += w[a] * w[b]
			}
			gram.SetSym(a, b, sum)
		}
	}
	var m mat.Cholesky
	if !m.Factorize(gram) {
		return nil, domain.Errorf(domain.Singular, "WᵀW + σ²I is not positive definite in float64")
	}
	return &m, nil
}

// project returns Wᵀ(x − c) and ‖x − c‖².
func (p *PPCA) project(x []float64) (projected *mat.VecDense, norm float64) {
	v := make([]float64, len(p.W[0]))
	for j, w := range p.W {
		r := x[j] - p.C[j]
		norm += r * r
		for u := range v {
			v[u] += w[u] * r
		}
	}
	return mat.NewVecDense(len(v), v), norm
}
