package vae

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
)

// LinearDecoder is μ(z) = W·z + c, for which the bound needs no samples.
type LinearDecoder struct {
	W [][]float64 // [d][k]
	C []float64   // [d]
}

// LinearBound is the evidence lower bound of a linear decoder.
type LinearBound struct {
	ExpectedSquaredNorm []float64 // [B]: E over q of ‖x − Wz − c‖²
	KL                  []float64 // [B]: of q from N(0, I)
	ELBO                float64   // mean over x, at the given variance
	OptimalVariance     float64   // mean of ExpectedSquaredNorm / d
	OptimalELBO         float64   // the bound there
}

// ELBO returns the bound for encoders q(z|x) = N(m, diag s²), m and s [B][k],
// data x [B][d] and a decoder variance, in closed form:
//
//	E‖x − Wz − c‖² = ‖x − Wm − c‖² + Σ_jk (W_jk·s_k)²,  KL = ½Σ(s² + m² − 1 − log s²)
//
// Deviations and the variance are above 0, otherwise it is an invalid_parameter;
// shapes that do not fit are a shape_mismatch. Source: docs/optimal-variance-vae.md.
func (l LinearDecoder) ELBO(m, s, x [][]float64, variance float64) (*LinearBound, error) {
	if err := l.check(m, s, x, variance); err != nil {
		return nil, err
	}
	d, b := len(l.C), &LinearBound{}
	prior := losses.Gaussian{Mean: make([]float64, len(m[0])), Std: make([]float64, len(m[0]))}
	for j := range prior.Std {
		prior.Std[j] = 1
	}
	sumNorm, sumKL := 0.0, 0.0
	for i := range x {
		norm := 0.0
		for j, w := range l.W {
			r := x[i][j] - l.C[j]
			for u, v := range w {
				r -= v * m[i][u]
				norm += v * s[i][u] * v * s[i][u]
			}
			norm += r * r
		}
		split, err := losses.ExpectGaussian(losses.Gaussian{Mean: m[i], Std: s[i]}, prior)
		if err != nil {
			return nil, fmt.Errorf("example %d: %w", i, err)
		}
		b.ExpectedSquaredNorm, b.KL = append(b.ExpectedSquaredNorm, norm), append(b.KL, split.KL)
		sumNorm, sumKL = sumNorm+norm, sumKL+split.KL
	}
	n, dims := float64(len(x)), float64(d)
	r := sumNorm / n
	b.ELBO = -gaussianNats(dims, r, variance) - sumKL/n
	nats, v := optimalNats(dims, r, 0, math.Inf(1))
	b.OptimalVariance, b.OptimalELBO = v, -nats-sumKL/n
	return b, nil
}

func (l LinearDecoder) check(m, s, x [][]float64, variance float64) error {
	if err := checkRows("W", l.W, -1); err != nil {
		return err
	}
	if len(l.C) != len(l.W) {
		return mismatch("c of %d numbers for W of %d rows: want as many", len(l.C), len(l.W))
	}
	if err := checkFinite("c", l.C); err != nil {
		return err
	}
	if len(m) != len(x) || len(s) != len(x) {
		return mismatch("m of %d rows and s of %d for x of %d: want as many", len(m), len(s), len(x))
	}
	for _, t := range []struct {
		name string
		rows [][]float64
		d    int
	}{{"x", x, len(l.W)}, {"m", m, len(l.W[0])}, {"s", s, len(l.W[0])}} {
		if err := checkRows(t.name, t.rows, t.d); err != nil {
			return err
		}
	}
	for i, row := range s {
		for j, v := range row {
			if !(v > 0) {
				return domain.Errorf(domain.InvalidParameter, "s[%d][%d] is %v: want a deviation above 0", i, j, v)
			}
		}
	}
	if !positive(variance) {
		return invalid("the variance is %v: want a finite number above 0", variance)
	}
	return nil
}
