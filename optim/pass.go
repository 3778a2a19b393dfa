package optim

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// A step goes through each parameter in blocks that stay in a core's cache, so
// that estimator, geometry and penalty are one pass through memory. Blocks are
// handed out in tasks of several; both sizes depend on the parameters alone, so
// that any number of processors gives the same bits.
const (
	blockSize = 8192
	taskSize  = 4 * blockSize // what simd does on one processor
)

// blockOf returns the largest multiple of piece up to blockSize, or one piece.
func blockOf(piece int) int {
	piece = max(1, piece)
	return piece * max(1, blockSize/piece)
}

// task is a range of whole blocks of one parameter.
type task struct{ param, lo, hi int }

// pass is the work of a step: what all tasks share.
type pass[F tensor.Float] struct {
	params  []param[F]
	tasks   []task
	partial []float64 // the sum of squared gradients of each task
	now     Now
	scratch chan *scratch[F] // those not in use
	size    int              // of each
	looks   bool             // at each block of a gradient before the step on it
	skipped atomic.Bool      // a part of a parameter was left alone
	sum     sumBody[F]
	step    stepBody[F]
	renewed renewBody[F]
}

// scratch is the working memory of one goroutine.
type scratch[F tensor.Float] struct {
	direction, metric []F
	slots             [][]F
}

// plan lays out the tasks for params.
func (p *pass[F]) plan(params []param[F]) {
	p.params = params
	for i, q := range params {
		per := q.block * max(1, taskSize/q.block)
		for lo := 0; lo < q.size; lo += per {
			p.tasks = append(p.tasks, task{i, lo, min(lo+per, q.size)})
		}
		p.size = max(p.size, min(q.block, q.size))
	}
	p.partial = make([]float64, len(p.tasks))
	p.scratch = make(chan *scratch[F], 64)
	p.sum, p.step, p.renewed.pass = sumBody[F]{p}, stepBody[F]{p}, p
}

// take returns working memory that nobody uses.
func (p *pass[F]) take() *scratch[F] {
	select {
	case s := <-p.scratch:
		return s
	default:
		return &scratch[F]{direction: make([]F, p.size), metric: make([]F, p.size)}
	}
}

// give returns it.
func (p *pass[F]) give(s *scratch[F]) {
	select {
	case p.scratch <- s:
	default:
	}
}

// run takes a step, or returns an error.
func (p *pass[F]) run(step int, single bool) error {
	if p.renews() {
		return p.renew(step)
	}
	if single && !slices.ContainsFunc(p.params, func(q param[F]) bool { return q.rule.wantsNorm }) {
		return p.updateOnce(step)
	}
	norm, err := p.norm(step)
	if err == nil {
		p.update(Now{Step: step, GradientNorm: norm}, false)
	}
	return err
}

type sumBody[F tensor.Float] struct{ *pass[F] }

// Block sums the squares of the gradient in task i.
func (b *sumBody[F]) Block(i int) {
	t := b.tasks[i]
	b.partial[i] = 0
	if p := &b.params[t.param]; !p.Frozen {
		b.partial[i] = simd.SumSquares(p.Grad.Data[t.lo:t.hi])
	}
}

// norm returns the Euclidean norm of all gradients, or an error if one is not
// finite: the sum of squares tells both in one pass.
func (p *pass[F]) norm(step int) (float64, error) {
	parallel.Run(len(p.tasks), &p.sum)
	sum := 0.0
	for _, s := range p.partial {
		sum += s
	}
	if sum > tiny && !math.IsInf(sum, 1) {
		return math.Sqrt(sum), nil
	}
	return p.carefulNorm(step)
}

// tiny is where squares begin to lose digits to underflow.
const tiny = 1e-290

// carefulNorm finds the parameter that made the sum of squares not finite, or
// else computes the norm in a way that neither overflows nor underflows.
func (p *pass[F]) carefulNorm(step int) (float64, error) {
	norm := 0.0
	for i := range p.params {
		q := &p.params[i]
		if q.Frozen {
			continue
		}
		if simd.Finite(q.Grad.Data) {
			norm = math.Hypot(norm, simd.Norm(q.Grad.Data))
			continue
		}
		return 0, fmt.Errorf("%w; nothing was changed", q.notFinite(step))
	}
	return norm, nil
}

// notFinite is the error for a gradient that is not.
func (p *param[F]) notFinite(step int) error {
	at := slices.IndexFunc(p.Grad.Data, func(g F) bool { return !(math.Abs(float64(g)) <= math.MaxFloat64) })
	return fmt.Errorf("optim: step %d: the gradient of %s is %v at element %d: want finite numbers", step, p.path, p.Grad.Data[at], at)
}

// updateOnce takes the step where gradients are finite, and returns an error if
// they are not everywhere.
func (p *pass[F]) updateOnce(step int) error {
	p.skipped.Store(false)
	p.update(Now{Step: step, GradientNorm: math.NaN()}, true)
	if !p.skipped.Load() {
		return nil
	}
	var err error
	for i := range p.params {
		q := &p.params[i]
		q.image = false // of its dual state, for some of it may never have been
		if err == nil && !q.Frozen && !simd.Finite(q.Grad.Data) {
			err = fmt.Errorf("%w; where they are, the step was taken", q.notFinite(step))
		}
	}
	return err
}

// update takes the step, and looks at each block of a gradient first if it is
// told to. A rule that is one loop looks by itself.
func (p *pass[F]) update(now Now, looks bool) {
	p.now, p.looks = now, looks
	parallel.Run(len(p.tasks), &p.step)
	for i := range p.params {
		q := &p.params[i]
		q.image = q.image || q.rule.mirror != nil && !q.Frozen
	}
}

type stepBody[F tensor.Float] struct{ *pass[F] }

// Block takes the step on task i from the last: the gradients whose squares
// were summed last are still in the cache.
func (b *stepBody[F]) Block(i int) {
	t := b.tasks[len(b.tasks)-1-i]
	p := &b.params[t.param]
	if p.Frozen {
		return
	}
	if p.rule.running != nil {
		if !p.follow(t.lo, t.hi, b.now) {
			b.skipped.Store(true)
		}
		return
	}
	s := b.take()
	for lo := t.lo; lo < t.hi; lo += p.block {
		hi := min(lo+p.block, t.hi)
		if b.looks && !simd.Finite(p.Grad.Data[lo:hi]) {
			b.skipped.Store(true)
			continue
		}
		p.step(lo, hi, b.now, s)
	}
	b.give(s)
}

// step takes the step on the elements [lo, hi).
func (p *param[F]) step(lo, hi int, now Now, s *scratch[F]) {
	r := p.rule
	s.slots = s.slots[:0]
	for _, slot := range p.slots {
		s.slots = append(s.slots, slot[lo:hi])
	}
	x := p.Value.Data[lo:hi]
	dir := r.estimator.Direct(Block[F]{
		Direction: p.Grad.Data[lo:hi],
		Times:     1,
		X:         x,
		Scratch:   s.direction[:hi-lo],
	}, s.slots, now)

	at := prox.Point[F]{X: x, Piece: p.piece, Large: p.past, Direction: dir.Direction, Times: dir.Times / r.gain, Metric: dir.Metric, Scratch: s.metric[:hi-lo]}
	if r.mirror != nil {
		at.Dual = s.slots[len(s.slots)-1]
	}
	if r.decay.Form == Decoupled {
		simd.Scale(x, x, F(r.decay.Shrink(r.current)))
	}
	r.solver.Step(at, r.current)
}

// follow takes it where the rule is one loop.
func (p *param[F]) follow(lo, hi int, now Now) (finite bool) {
	r := p.rule
	return r.running.follow(p.Value.Data[lo:hi], p.slots[0][lo:hi], p.Grad.Data[lo:hi], now, r.current*(1/r.gain), r.affine.Shrink(r.current))
}
