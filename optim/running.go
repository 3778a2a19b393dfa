package optim

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// running is an estimator that keeps an average of gradients, in one slot, and
// has one loop for it and the step along it: what Direct and the solver of a
// [prox.AffinePenalty] do in the Euclidean geometry, to the bit, with the
// average read from memory once. Where a gradient is not finite, nothing is
// done; follow reports whether all are finite.
type running[F tensor.Float] interface {
	follow(x, average, gradient []F, now Now, rate, shrink float64) (finite bool)
}

// fuse finds out whether the step is one such loop.
func (r *rule[F]) fuse() {
	affine, ok := r.penalty.(prox.AffinePenalty[F])
	if ok && r.euclidean && r.decay.Form != Decoupled {
		r.affine = affine
		r.running, _ = r.estimator.(running[F])
	}
}

func (e EMA[F]) follow(x, average, gradient []F, now Now, rate, shrink float64) (finite bool) {
	q, times := e.weights(now.Step)
	return simd.EMAStep(x, average, gradient, q, rate*times, shrink)
}

func (m HeavyBall[F]) follow(x, velocity, gradient []F, _ Now, rate, shrink float64) (finite bool) {
	return simd.HeavyBallStep(x, velocity, gradient, m.Mu, rate, shrink)
}
