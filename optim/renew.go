package optim

import (
	"slices"
	"sync/atomic"

	"github.com/gradus-ml/gradus/internal/parallel"
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
	p.renewed.overflowed.Store(false)
	parallel.Run(len(p.tasks), &p.renewed)
	var err error
	if p.renewed.overflowed.Load() {
		_, err = p.carefulNorm(step)
	}
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

type renewBody[F tensor.Float] struct {
	*pass[F]
	overflowed atomic.Bool // a dual state did, or a gradient is not finite
}

// Block takes the step on task i.
func (b *renewBody[F]) Block(i int) {
	t := b.tasks[i]
	p := &b.params[t.param]
	if p.Frozen {
		return
	}
	at := prox.Point[F]{X: p.Value.Data[t.lo:t.hi], Direction: p.Grad.Data[t.lo:t.hi], Times: 1, Dual: p.slots[0][t.lo:t.hi], Large: p.past}
	if !p.rule.solver.(prox.Renewer[F]).Renew(at, p.next[t.lo:t.hi], p.rule.current) {
		b.overflowed.Store(true)
	}
}
