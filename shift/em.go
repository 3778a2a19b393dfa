package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
)

// Trajectory is the path of an iteration over priors.
type Trajectory struct {
	Priors       [][]float64 // [iterations+1][classes], from the start on
	MeanLogRatio []float64   // L̄ at each of them
}

// EM runs a number of iterations of the method of Saerens et al. for the priors
// of unlabelled data, from posteriors under a training prior:
//
//	π_k ← π_k G_k,  G_k = mean_i R_ik/(R π)_i,  R_ik = p(k|x_i)/p(k)
//
// Each never lowers L̄(π) = mean_i log (R π)_i, which is concave. Zeros of
// start stay zero. The priors are normalised first. It returns a
// zero_normaliser if a row is impossible under start.
//
// One iteration reads the posteriors once; the sums are the same bits on any
// number of processors. Source: Saerens, Latinne and Decaestecker, Neural
// Computation 2002; docs/prior-shift.md.
func EM(p losses.Probs, train, start []float64, iterations int) (*Trajectory, error) {
	l, prior, err := newLikelihood(p, train, start)
	if err != nil {
		return nil, err
	}
	if iterations < 0 {
		return nil, domain.Errorf(domain.InvalidParameter, "%d iterations: want at least 0", iterations)
	}
	t := &Trajectory{}
	g := make([]float64, len(prior))
	for range iterations + 1 {
		value := l.at(prior, g)
		if err := l.possible(value, prior); err != nil {
			return nil, err
		}
		t.Priors = append(t.Priors, prior)
		t.MeanLogRatio = append(t.MeanLogRatio, value)
		next := make([]float64, len(prior))
		for k := range next {
			next[k] = prior[k] * g[k]
		}
		prior = next
	}
	return t, nil
}

// possible returns an error that names the row that made the likelihood 0.
func (l *likelihood) possible(value float64, prior []float64) error {
	if !math.IsInf(value, -1) {
		return nil
	}
	for i := range l.p.Rows() {
		mass := 0.0
		for k, v := range l.p.Row(i) {
			if prior[k] > 0 {
				mass += v
			}
		}
		if mass == 0 {
			return domain.Errorf(domain.ZeroNormaliser, "row %d has no mass on the classes of the start", i)
		}
	}
	return domain.Errorf(domain.ZeroNormaliser, "a row has a likelihood below the smallest number")
}

// newLikelihood checks the posteriors and the priors, and returns start
// normalised.
func newLikelihood(p losses.Probs, train, start []float64) (*likelihood, []float64, error) {
	if _, err := weightsFor(p.Table, train, start); err != nil {
		return nil, nil, err
	}
	if err := p.Check(); err != nil {
		return nil, nil, err
	}
	if p.Rows() == 0 {
		return nil, nil, domain.Errorf(domain.ShapeMismatch, "no posteriors: want at least one row")
	}
	train = normalised(train)
	for k, v := range train {
		if v > 0 && v < 1e-290 {
			return nil, nil, domain.Errorf(domain.InvalidParameter, "training prior %d is %v: want 0 or at least 1e-290", k, v)
		}
	}
	return &likelihood{
		p: p, train: train,
		weights: make([]float64, p.Classes), sums: make([]float64, p.Classes+1),
		parts: make([]float64, blocksOf(p)*(p.Classes+1)),
	}, normalised(start), nil
}
