package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
)

// Maximum is a prior of greatest likelihood, with the proof that it is.
type Maximum struct {
	Prior        []float64
	MeanLogRatio float64   // L̄ at Prior
	KKT          []float64 // G_k: ≤ 1 everywhere, = 1 where Prior_k > 0, at an exact maximum
	Gap          float64   // L̄ is below its maximum by at most this: max_k G_k − 1
	Iterations   int       // passes over the data that moved the prior
}

// MaximumLikelihood returns the prior that maximises L̄ over the simplex, where
// [EM] converges to, with Gap ≤ tolerance. Classes of start 0 stay 0 and are
// left out of Gap. After a few EM steps it takes Newton steps with the exact
// solution of each quadratic model over π ≥ 0: EM needs thousands of passes
// where classes are hard to tell apart, and never ends where the maximum is on
// the boundary. It returns an invalid_parameter if rounding keeps the gap
// above the tolerance; 1e-10 is safe for millions of rows.
//
// The maximum is unique if the columns of the posteriors are independent on
// the rows: see [Diagnose]. Source: docs/prior-shift.md; Kim et al., Journal of
// Computational and Graphical Statistics 2020.
func MaximumLikelihood(p losses.Probs, train, start []float64, tolerance float64) (*Maximum, error) {
	return maximise(p, train, start, nil, tolerance)
}

// MaximumPosterior is [MaximumLikelihood] with a Dirichlet(α) distribution over
// priors, α_k ≥ 1: it maximises N·L̄(π) + Σ (α_k−1) log π_k, as α_k − 1 more
// rows that are surely of class k would. MeanLogRatio, KKT and Gap are of this
// objective divided by N + Σ (α_k−1).
func MaximumPosterior(p losses.Probs, train, start, alpha []float64, tolerance float64) (*Maximum, error) {
	if len(alpha) != len(start) {
		return nil, domain.Errorf(domain.ShapeMismatch, "%d Dirichlet parameters for %d classes", len(alpha), len(start))
	}
	extra := make([]float64, len(alpha))
	for k, a := range alpha {
		if !(a >= 1) || math.IsInf(a, 0) || (a > 1 && start[k] == 0) {
			return nil, domain.Errorf(domain.InvalidParameter, "Dirichlet parameter %d is %v with start %v: want it finite and ≥ 1, and 1 where the start is 0", k, a, start[k])
		}
		extra[k] = (a - 1) / float64(p.Rows())
	}
	return maximise(p, train, start, extra, tolerance)
}

// penalised is L̄ with rows of known class: (L̄ + Σ a log π)/(1 + Σ a).
type penalised struct {
	*likelihood
	extra []float64 // a, nil for none
	total float64   // 1 + Σ a
}

func (o *penalised) at(prior, g []float64) float64 {
	v := o.likelihood.at(prior, g)
	for k, a := range o.extra {
		if a > 0 {
			v += a * math.Log(prior[k])
			g[k] += a / prior[k]
		}
	}
	for k := range g {
		g[k] /= o.total
	}
	return v / o.total
}

func maximise(p losses.Probs, train, start, extra []float64, tolerance float64) (*Maximum, error) {
	if !(tolerance > 0) {
		return nil, domain.Errorf(domain.InvalidParameter, "tolerance is %v: want it > 0", tolerance)
	}
	l, prior, err := newLikelihood(p, train, start)
	if err != nil {
		return nil, err
	}
	o := &penalised{l, extra, 1}
	for _, a := range extra {
		o.total += a
	}
	free := make([]bool, len(prior)) // classes that may have mass
	for k, v := range prior {
		free[k] = v > 0
	}
	m := &Maximum{Prior: prior, KKT: make([]float64, len(prior))}
	m.MeanLogRatio = o.at(prior, m.KKT)
	if err := l.possible(m.MeanLogRatio, prior); err != nil {
		return nil, err
	}
	const warmUp, limit = 8, 1000
	next := &Maximum{KKT: make([]float64, len(prior))}
	for ; m.Iterations < limit; m.Iterations++ {
		m.Gap = gapOf(m.KKT, free)
		if m.Gap <= tolerance {
			return m, nil
		}
		if m.Iterations < warmUp || !o.newton(m, next, free) {
			next.Prior = make([]float64, len(prior))
			for k, v := range m.Prior {
				next.Prior[k] = v * m.KKT[k]
			}
			next.MeanLogRatio = o.at(next.Prior, next.KKT)
		}
		m.Prior, next.Prior = next.Prior, m.Prior
		m.KKT, next.KKT = next.KKT, m.KKT
		m.MeanLogRatio = next.MeanLogRatio
	}
	return nil, domain.Errorf(domain.InvalidParameter, "the gap is %v after %d steps: want a tolerance above it", m.Gap, limit)
}

func gapOf(g []float64, free []bool) float64 {
	largest := math.Inf(-1)
	for k, v := range g {
		if free[k] {
			largest = max(largest, v)
		}
	}
	return max(0, largest-1)
}

// newton writes into next the maximum of the quadratic model at m, shortened
// until it gains, and reports whether it did.
func (o *penalised) newton(m, next *Maximum, free []bool) bool {
	h := o.curvature(m.Prior)
	// The multiplier of Σπ = 1 is 1, because L̄ grows by log s when π grows by
	// the factor s. So the model is of L̄ − Σπ over π ≥ 0, and with Hπ = G its
	// maximum over x solves min x'Hx/2 − (2G − 1)'x.
	c := make([]float64, len(m.Prior))
	for k, g := range m.KKT {
		c[k] = 2*g - 1
	}
	x := quadratic(h, c, m.Prior, free)
	next.Prior = make([]float64, len(x))
	for t := 1.0; t > 1e-3; t /= 2 {
		for k, v := range m.Prior {
			next.Prior[k] = max(0, v+t*(x[k]-v))
		}
		copy(next.Prior, normalised(next.Prior))
		next.MeanLogRatio = o.at(next.Prior, next.KKT)
		// Close to the maximum the value no longer shows progress, the gap does.
		slack := 1e-14 * (1 + math.Abs(m.MeanLogRatio))
		if next.MeanLogRatio > m.MeanLogRatio+slack ||
			next.MeanLogRatio >= m.MeanLogRatio-slack && gapOf(next.KKT, free) < m.Gap {
			return true
		}
	}
	return false
}
