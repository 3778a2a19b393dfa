package optim

import (
	"errors"
	"fmt"

	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// Step is the rule of a training step: one choice of each kind. Nothing has a
// default: Raw, prox.None and prox.Euclidean are the plain choices.
type Step[F tensor.Float] struct {
	Estimator Estimator[F]     // the descent direction
	Decay     Decay            // where an L2 penalty enters, if any
	Penalty   prox.Penalty[F]  // exactly one
	Geometry  prox.Geometry[F] // exactly one
	Rate      Schedule         // the step size ε
}

// rule is a Step that has been found to have a closed form.
type rule[F tensor.Float] struct {
	estimator Estimator[F]
	decay     Decay
	penalty   prox.Penalty[F]
	solver    prox.Solver[F]
	mirror    prox.Mirror[F] // nil if the geometry keeps no dual state
	rate      Schedule
	euclidean bool
	slots     []string // of the estimator, then the dual state
	gain      float64  // of the estimator
	wantsNorm bool     // the estimator clips by the norm of all gradients
	current   float64  // the step size of the step being taken, for the solver

	running running[F] // nil unless the step is one loop, of penalty affine
	affine  prox.AffinePenalty[F]
}

// build checks the parts of s, and that they fit together.
func (s Step[F]) build() (*rule[F], error) {
	switch {
	case s.Estimator == nil:
		return nil, errors.New("no Estimator: want one, such as Raw")
	case s.Penalty == nil:
		return nil, errors.New("no Penalty: want one, such as prox.None")
	case s.Geometry == nil:
		return nil, errors.New("no Geometry: want one, such as prox.Euclidean")
	case s.Rate == nil:
		return nil, errors.New("no Rate: want a Schedule, such as Constant(0.1)")
	}
	for _, part := range []interface{ Validate() error }{s.Estimator, s.Decay, s.Penalty, s.Rate} {
		if err := part.Validate(); err != nil {
			return nil, err
		}
	}
	r := &rule[F]{estimator: s.Estimator, decay: s.Decay, rate: s.Rate, wantsNorm: wantsNorm(s.Estimator)}
	r.mirror, _ = s.Geometry.(prox.Mirror[F])
	_, r.euclidean = s.Geometry.(prox.Euclidean[F])

	penalty := s.Penalty
	switch s.Decay.Form {
	case Coupled:
		r.estimator = withCoupled(s.Estimator, s.Decay.Lambda)
	case Decoupled:
		if r.mirror != nil {
			return nil, fmt.Errorf("decoupled decay with %T: want coupled decay, or none: the shrunken point is not in its domain", s.Geometry)
		}
	case Proximal:
		if _, none := s.Penalty.(prox.None[F]); !none {
			return nil, fmt.Errorf("proximal decay with the penalty %T: want one penalty (prox.ElasticNet is L1 and L2 together)", s.Penalty)
		}
		penalty = prox.L2[F]{Lambda: s.Decay.Lambda}
	}

	r.penalty = penalty
	var err error
	if r.solver, err = s.Geometry.Solver(penalty); err != nil {
		return nil, err
	}
	_, diagonal := s.Geometry.(prox.Diagonal[F])
	switch supplied := suppliesMetric(s.Estimator); {
	case diagonal && !supplied:
		return nil, fmt.Errorf("%T with %T: want an estimator that supplies a metric, such as AdamMoments", s.Geometry, s.Estimator)
	case supplied && !diagonal:
		return nil, fmt.Errorf("%T with %T: want prox.Diagonal, the metric would be ignored", s.Estimator, s.Geometry)
	}
	r.slots, r.gain = r.estimator.Slots(), gain(r.estimator)
	if r.mirror != nil {
		r.slots = append(r.slots, "dual")
	}
	r.fuse()
	return r, nil
}
