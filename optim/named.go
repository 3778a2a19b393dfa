package optim

import (
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// SGDStep is plain gradient descent, θ ← θ − rate·g.
func SGDStep[F tensor.Float](rate float64) Step[F] {
	return Step[F]{Estimator: Raw[F]{}, Penalty: prox.None[F]{}, Geometry: prox.Euclidean[F]{}, Rate: Constant(rate)}
}

// MomentumStep is gradient descent with a heavy ball of Mu = 0.9.
func MomentumStep[F tensor.Float](rate float64) Step[F] {
	s := SGDStep[F](rate)
	s.Estimator = HeavyBall[F]{Mu: 0.9}
	return s
}

// NesterovStep is gradient descent with Nesterov's momentum, Mu = 0.9.
func NesterovStep[F tensor.Float](rate float64) Step[F] {
	s := SGDStep[F](rate)
	s.Estimator = Nesterov[F]{Mu: 0.9}
	return s
}

// EMAStep is gradient descent along the bias-corrected average of Q = 0.1.
func EMAStep[F tensor.Float](rate float64) Step[F] {
	s := SGDStep[F](rate)
	s.Estimator = EMA[F]{Q: 0.1, Start: BiasCorrected}
	return s
}

// ProximalSGDStep is problem 3: an average of Q = 0.1 from zero, and the
// proximal step of lambda/2·‖θ‖².
func ProximalSGDStep[F tensor.Float](rate, lambda float64) Step[F] {
	s := SGDStep[F](rate)
	s.Estimator = EMA[F]{Q: 0.1}
	s.Decay = Decay{Proximal, lambda}
	return s
}

// AdamStep is Adam with betas of 0.9 and 0.999 and Epsilon of 1e-8.
func AdamStep[F tensor.Float](rate float64) Step[F] {
	s := SGDStep[F](rate)
	s.Estimator = AdamMoments[F]{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
	s.Geometry = prox.Diagonal[F]{}
	return s
}

// AdamWStep is [AdamStep] with decoupled decay, θ ← (1 − rate·lambda)·θ beside
// each step. Source: Loshchilov and Hutter 2019.
func AdamWStep[F tensor.Float](rate, lambda float64) Step[F] {
	s := AdamStep[F](rate)
	s.Decay = Decay{Decoupled, lambda}
	return s
}

// MirrorStep is mirror descent on parameters in (0, 1), in Bernoulli geometry
// (problem 11). The parameters hold x; the logits are the slot "dual". Where a
// parameter takes 8 MiB or more there is memory for the next logits too.
func MirrorStep[F tensor.Float](rate float64) Step[F] {
	s := SGDStep[F](rate)
	s.Geometry = prox.Bernoulli[F]{}
	return s
}
