package optim

import (
	"slices"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// A step may change nothing if a gradient is not finite, so that gradients are
// read twice: to look, then to step. Where parameters are the image of a dual
// state and nothing else is remembered, the step can be taken while it looks:
// the new dual state is written beside the old one, from which the parameters
// come back. For large parameters the memory is worth the pass.

// canRenew reports whether steps of params are taken so.
func canRenew[F tensor.Float](params []param[F]) bool {
	for i := range params {
		r := params[i].rule
		_, raw := r.estimator.(Raw[F])
		if _, ok := r.solver.(prox.Renewer[F]); !ok || !raw {
			return false
		}
	}
	return slices.ContainsFunc(params, func(p param[F]) bool { return p.large })
}

// renews reports whether the next step is taken so: whether every parameter that
// takes part has room for it and is the image of its dual state, as those that
// were given are not.
func (p *pass[F]) renews() bool {
	return !slices.ContainsFunc(p.params, func(q param[F]) bool { return !q.Frozen && (q.next == nil || !q.image) })
}

// renew takes the step, or returns an error and takes it back.
func (p *pass[F]) renew(step int) error {
	parallel.Run(len(p.tasks), &p.renewed)
	_, err := p.total(step)
	for i := range p.params {
		q := &p.params[i]
		switch {
		case q.Frozen:
		case err != nil:
			q.rule.mirror.FromDual(q.Value.Data, q.slots[0])
		default:
			q.slots[0], q.next = q.next, q.slots[0]
		}
	}
	return err
}

type renewBody[F tensor.Float] struct{ *pass[F] }

// Block takes the step on task i, block by block, and sums the squares of each
// block of the gradient while it is in the cache.
func (b *renewBody[F]) Block(i int) {
	t := b.tasks[i]
	p := &b.params[t.param]
	b.partial[i] = 0
	if p.Frozen {
		return
	}
	solver := p.rule.solver.(prox.Renewer[F])
	for lo := t.lo; lo < t.hi; lo += p.block {
		hi := min(lo+p.block, t.hi)
		gradient := p.Grad.Data[lo:hi]
		solver.Renew(prox.Point[F]{X: p.Value.Data[lo:hi], Direction: gradient, Times: 1, Dual: p.slots[0][lo:hi], Large: p.large}, p.next[lo:hi], p.rule.current)
		b.partial[i] += simd.SumSquares(gradient)
	}
}
