package kmeans

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// How many examples are scored at a time: the fewer the more centers move
// before an example's turn comes. aheadWidth is the width of the subspace.
// A screen that has hardly helped with so many blocks is made anew.
const aheadLeast, aheadMost, aheadWidth, aheadPatience = 32, screenRows, 32, 64

// A lookahead scores examples against the centers as they stand, and settles
// each when its turn comes.
type lookahead[F tensor.Float] struct {
	screen  *screen[F]
	view    *view[F]
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
	return &lookahead[F]{screen: s, view: newView[F](aheadMost, s.width), centred: s.newCentred(aheadMost), scores: tensor.New[F](aheadMost, k), rows: aheadLeast, gone: make([]float64, k)}
}

// learnAhead is Learn by scores.
func (o *Online[F]) learnAhead(ctx context.Context, points *tensor.Tensor[F], labels []int) error {
	k := len(o.Counts)
	if o.ahead == nil || len(o.ahead.gone) != k || len(o.ahead.screen.origin) != points.Shape[1] {
		o.ahead = newLookahead(points, k)
	}
	a := o.ahead
	a.reset(o.Centers)
	for from, m := 0, points.Shape[0]; from < m; {
		if err := ctx.Err(); err != nil {
			return err
		}
		block := points.Rows(from, min(from+a.rows, m))
		a.start(o.Centers, block)
		evaluated := 0
		for i := range block.Shape[0] {
			x := block.Row(i)
			label, squared, distances := o.rescue(x)
			if label >= 0 {
				a.move(label, math.Inf(1))
			} else if label, squared, distances = a.settle(i, x, o.Centers.Data); label < 0 {
				return notFinite(from + i)
			}
			evaluated += distances
			a.move(label, o.win(x, label, squared, distances))
			o.Cost.Scores += int64(k)
			if labels != nil {
				labels[from+i] = label
			}
		}
		from += block.Shape[0]
		a.adapt(evaluated / block.Shape[0])
		if a.poor == aheadPatience && from < m {
			// The stream has left the subspace where it was.
			a = newLookahead(points.Rows(from, m), k)
			a.reset(o.Centers)
			o.ahead = a
		}
	}
	return nil
}

// reset takes the centers as they are.
func (a *lookahead[F]) reset(centers *tensor.Tensor[F]) {
	a.screen.set(centers)
	clear(a.gone)
	a.movers = a.movers[:0]
}

// start scores a block.
func (a *lookahead[F]) start(centers, block *tensor.Tensor[F]) {
	a.screen.move(centers, a.movers)
	a.screen.see(a.view, 0, block.Shape[0], a.centred, block.Row)
	a.screen.score(a.scores.Rows(0, block.Shape[0]), a.view)
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

// settle returns the center that is nearest now to x, example i of the block,
// its squared distance and the number of distances that took. A center that has
// gone g since the scores and is now at distance d was no farther than d + g.
func (a *lookahead[F]) settle(i int, x, centers []F) (index int, squared float64, distances int) {
	k := len(a.gone)
	c := a.screen.prepare(a.view, i, x, centers, a.scores.Data[i*k:(i+1)*k], 1)
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
