package kmeans

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// How many examples are scored at a time: the more the more centers move before
// an example's turn comes. A view of the most is still in the caches when it is
// learnt. aheadWidth is the width of the subspace.
// A screen that has hardly helped with so many blocks is made anew.
const aheadLeast, aheadMost, aheadWidth, aheadPatience = 32, 128, 32, 64

// A lookahead scores examples against the centers as they stand, and settles
// each when its turn comes. What the screen sees of an example does not depend
// on the centers: while the examples of one view are learnt, another processor
// can fill the next.
type lookahead[F tensor.Float] struct {
	screen  *screen[F]
	view    *view[F] // of the examples being learnt
	next    *view[F] // of those that follow
	scores  *tensor.Tensor[F]
	centred *tensor.Tensor[F] // scratch
	rows    int               // to score next
	poor    int               // blocks in a row that the screen hardly helped with
	gone    []float64         // [K], how far each center has moved since, from above
	movers  []int             // the centers that have
	reach   float64           // ‖o‖ and the longest ‖y − o‖, from above
}

func newLookahead[F tensor.Float](points *tensor.Tensor[F], k int) *lookahead[F] {
	s := newScreen(points, nil, k, aheadWidth, nil)
	return &lookahead[F]{screen: s, view: newView[F](aheadMost, s.width), next: newView[F](aheadMost, s.width), centred: s.newCentred(aheadMost), scores: tensor.New[F](aheadMost, k), rows: aheadLeast, gone: make([]float64, k)}
}

// learnAhead is Learn by scores.
func (o *Online[F]) learnAhead(ctx context.Context, points *tensor.Tensor[F], labels []int) error {
	k, m := len(o.Counts), points.Shape[0]
	if o.ahead == nil || len(o.ahead.gone) != k || len(o.ahead.screen.origin) != points.Shape[1] {
		o.ahead = newLookahead(points, k)
	}
	o.ahead.reset(o.Centers)
	l := learning[F]{o: o, ctx: ctx, points: points, labels: labels}
	for l.to < m {
		if o.ahead.poor >= aheadPatience {
			// The stream has left the subspace where it was.
			o.ahead = newLookahead(points.Rows(l.to, m), k)
			o.ahead.reset(o.Centers)
			l.seen = l.to
		}
		if l.seen == l.to {
			l.see()
		}
		l.from, l.to = l.to, l.seen
		o.ahead.view, o.ahead.next = o.ahead.next, o.ahead.view
		ahead := 1
		if l.to < m {
			ahead = 2
		}
		if parallel.Run(ahead, &l); l.err != nil {
			return l.err
		}
	}
	return nil
}

// learning is a call of learnAhead under way.
type learning[F tensor.Float] struct {
	o        *Online[F]
	ctx      context.Context
	points   *tensor.Tensor[F]
	labels   []int
	from, to int // the examples of the view
	seen     int // up to which example the views go
	err      error
}

// Block learns the examples of the view, or fills the next.
func (l *learning[F]) Block(i int) {
	if i == 0 {
		l.err = l.learn()
	} else {
		l.see()
	}
}

// see fills the next view.
func (l *learning[F]) see() {
	a := l.o.ahead
	rows := min(aheadMost, l.points.Shape[0]-l.seen)
	a.screen.see(a.next, 0, rows, a.centred, l.points.Rows(l.seen, l.seen+rows).Row)
	l.seen += rows
}

// learn learns the examples of the view, as many at a time as are best scored
// together.
func (l *learning[F]) learn() error {
	o, a := l.o, l.o.ahead
	for from := l.from; from < l.to; {
		if err := l.ctx.Err(); err != nil {
			return err
		}
		to, evaluated := min(from+a.rows, l.to), 0
		a.start(o.Centers, from-l.from, to-l.from)
		for i := from; i < to; i++ {
			x := l.points.Row(i)
			label, squared, distances := o.rescue(x)
			if label >= 0 {
				a.move(label, math.Inf(1))
			} else if label, squared, distances = a.settle(i-l.from, i-from, x, o.Centers.Data); label < 0 {
				return notFinite(i)
			}
			evaluated += distances
			a.move(label, o.win(x, label, squared, distances))
			o.Cost.Scores += int64(len(o.Counts))
			if l.labels != nil {
				l.labels[i] = label
			}
		}
		a.adapt(evaluated / (to - from))
		from = to
	}
	return nil
}

// reset takes the centers as they are.
func (a *lookahead[F]) reset(centers *tensor.Tensor[F]) {
	a.screen.set(centers)
	clear(a.gone)
	a.movers = a.movers[:0]
}

// start scores the examples [from, to) of the view.
func (a *lookahead[F]) start(centers *tensor.Tensor[F], from, to int) {
	a.screen.move(centers, a.movers)
	a.screen.score(a.scores.Rows(0, to-from), a.view, from)
	a.reach = simd.Norm(a.screen.origin) + a.screen.longest
	for _, k := range a.movers {
		a.gone[k] = 0
	}
	a.movers = a.movers[:0]
}

// move says that center k has gone at most so far, before the rounding of its
// coordinates.
func (a *lookahead[F]) move(k int, distance float64) {
	if a.gone[k] == 0 {
		a.movers = append(a.movers, k)
	}
	a.gone[k] += distance + 0x1p-21*(distance+a.reach+a.gone[k]) + math.SmallestNonzeroFloat64
}

// settle returns the center that is nearest now to x, example i of the view and
// row of those scored, its squared distance and the number of distances that
// took. A center that has gone g since the scores and is now at distance d was
// no farther than d + g.
func (a *lookahead[F]) settle(i, row int, x, centers []F) (index int, squared float64, distances int) {
	k := len(a.gone)
	c := a.screen.prepare(a.view, i, x, centers, a.scores.Row(row), 1)
	if math.IsInf(c.margin, 1) {
		index, squared = nearest(x, centers)
		return index, squared, k
	}
	first := simd.ArgMin(c.scores, a.screen.rest, a.screen.remainderOf(a.view, i))
	if c.start(first); !(c.scores[first] <= c.limit && simd.CountAtMost(c.scores, c.limit) == 1) {
		c.others(first)
	}
	limit, far := c.bound(), math.Sqrt(c.squared)*(1+slack(len(x)))
	tried := c.limit
	for _, j := range a.movers {
		if v := c.scores[j]; v > tried && j != first && !(float64(v) > limit+a.gone[j]*(far+a.gone[j]/2)*(1+0x1p-40)) {
			c.try(j)
		}
	}
	return c.index, c.squared, c.distances
}

// adapt chooses how many examples to score next, from how many distances each
// has taken.
func (a *lookahead[F]) adapt(distances int) {
	if a.poor++; distances < len(a.gone)/2 {
		a.poor = 0
	}
	switch {
	case distances > 24:
		a.rows = max(a.rows/2, aheadLeast)
	case distances < 8:
		a.rows = min(a.rows*2, aheadMost)
	}
}
