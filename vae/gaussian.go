package vae

import "math"

// log2Pi is log 2π.
const log2Pi = 1.8378770664093454835606594728112352797

// gaussianNats returns −log N in nats of d coordinates of one variance, given
// the sum of their squared residuals: (d/2)·log(2πv) + R/(2v).
func gaussianNats(d, r, v float64) float64 { return d/2*(log2Pi+math.Log(v)) + r/(2*v) }

// optimalNats is gaussianNats at the best variance r/d in [lo, hi], and that
// variance. At r/d itself the second term is d/2 exactly. A residual of zero
// without a lower bound has no best variance: the nats tend to −Inf.
func optimalNats(d, r, lo, hi float64) (nats, v float64) {
	v = clampVariance(r/d, lo, hi)
	if v == r/d {
		return d / 2 * (log2Pi + math.Log(v) + 1), v
	}
	return gaussianNats(d, r, v), v
}

// clampVariance returns the point of [lo, hi] next to v; NaN stays NaN.
func clampVariance(v, lo, hi float64) float64 { return min(max(v, lo), hi) }

// Clamped is the best variance between bounds.
type Clamped struct {
	Variance       float64 // the point of [min, max] next to R/d
	Reconstruction float64 // E log p(x|z) there, in nats
}

// ClampedVariance returns the variance in [lo, hi] that maximises E log p(x|z) =
// −(d/2)·log(2πv) − R/(2v) for the mean squared norm R ≥ 0 of the residuals: the
// bound in v is unimodal, so it is R/d moved into the interval. With lo > 0 it
// exists for R = 0 too. It returns an invalid_parameter unless d ≥ 1, R is
// finite and 0 < lo ≤ hi. Source: docs/optimal-variance-vae.md.
func ClampedVariance(meanSquaredNorm float64, d int, lo, hi float64) (*Clamped, error) {
	switch {
	case d < 1:
		return nil, invalid("d is %d: want at least 1", d)
	case !(meanSquaredNorm >= 0) || math.IsInf(meanSquaredNorm, 1):
		return nil, invalid("a mean squared norm of %v: want a finite one, not negative", meanSquaredNorm)
	case !(lo > 0) || !(hi >= lo) || math.IsInf(lo, 1):
		return nil, invalid("bounds [%v, %v] on the variance: want 0 < lower ≤ upper", lo, hi)
	}
	nats, v := optimalNats(float64(d), meanSquaredNorm, lo, hi)
	return &Clamped{Variance: v, Reconstruction: -nats}, nil
}

// VarianceOfBeta returns the decoder variance that minimising
//
//	‖x − μ(z)‖² + beta·KL
//
// assumes: σ² = beta/2, for the negative bound times 2σ² is ‖x − μ‖² + 2σ²·KL
// and a constant. The same loss with the squared error averaged over the d
// dimensions is the one above with d·beta in beta's place: for 784 pixels and
// beta = 1 it assumes σ² = 392, and no code pays its way.
// Source: docs/optimal-variance-vae.md.
func VarianceOfBeta(beta float64) float64 { return beta / 2 }

// BetaOfVariance returns the weight of the KL that a decoder variance means in
// [VarianceOfBeta]'s loss: 2σ².
func BetaOfVariance(variance float64) float64 { return 2 * variance }
