package kmeans

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// How many examples are scored at a time: the fewer the more centers move
// before an example's turn comes.
const aheadLeast, aheadMost = 32, 256

// A lookahead scores examples against the centers as they stand, and settles
// each when its turn comes.
type lookahead[F tensor.Float] struct {
	screen *screen[F]
	rows   int       // to score next
	gone   []float64 // [K], how far each center has moved since, from above
	movers []int     // the centers that have
	reach  float64   // ‖o‖ and the longest ‖y − o‖, from above
}

// learnAhead is Learn by scores.
func (o *Online[F]) learnAhead(ctx context.Context, points *tensor.Tensor[F], labels []int) error {
	k, n := o.Centers.Shape[0], o.Centers.Shape[1]
	if o.ahead == nil || len(o.ahead.gone) != k {
		o.ahead = &lookahead[F]{screen: newScreen[F](k, n, aheadMost), rows: aheadLeast, gone: make([]float64, k)}
	}
	a := o.ahead
	for from, m := 0, points.Shape[0]; from < m; {
		if err := ctx.Err(); err != nil {
			return err
		}
		block := points.Rows(from, min(from+a.rows, m))
		a.start(o.Centers, block)
		extra := 0
		for i := range block.Shape[0] {
			x := block.Row(i)
			label, squared, distances := o.rescue(x)
			if label >= 0 {
				a.move(label, math.Inf(1))
			} else if label, squared, distances = a.settle(i, x, o.Centers.Data); label < 0 {
				return notFinite(from + i)
			}
			extra += distances
			a.move(label, o.win(x, label, squared, k+distances))
			if labels != nil {
				labels[from+i] = label
			}
		}
		from += block.Shape[0]
		a.adapt(extra / block.Shape[0])
	}
	return nil
}

// start scores a block.
func (a *lookahead[F]) start(centers, block *tensor.Tensor[F]) {
	a.screen.set(centers)
	a.screen.score(block)
	a.reach = simd.Norm(a.screen.origin) + a.screen.longest
	clear(a.gone)
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
// as [screen.settle] does. A center that has gone g since the scores, and is now
// no farther than d, was no farther than d + g.
func (a *lookahead[F]) settle(i int, x, centers []F) (index int, squared float64, distances int) {
	s := a.screen
	margin, k, n := s.margin(s.squares[i]), len(a.gone), len(x)
	if math.IsInf(margin, 1) {
		index, squared = nearest(x, centers)
		return index, squared, k
	}
	scores := s.scores.Data[i*k : (i+1)*k]
	first := lowest(scores)
	index, squared, distances = first, simd.SquaredDistance(x, centers[first*n:(first+1)*n]), 1
	try := func(j int) {
		d := simd.SquaredDistance(x, centers[j*n:(j+1)*n])
		distances++
		if d < squared || d == squared && j < index {
			index, squared = j, d
		}
	}
	far := math.Sqrt(squared) * (1 + slack(n))
	limit := (far*far-s.squares[i])/2 + margin
	rounded := up[F](limit)
	for j, v := range scores {
		if !(v > rounded) && j != first {
			try(j)
		}
	}
	for _, j := range a.movers {
		if v := scores[j]; v > rounded && !(float64(v) > limit+a.gone[j]*(far+a.gone[j]/2)*(1+0x1p-40)) {
			try(j)
		}
	}
	return index, squared, distances
}

// adapt chooses how many examples to score next, from how many distances each
// has taken besides.
func (a *lookahead[F]) adapt(distances int) {
	switch {
	case distances > 16:
		a.rows = max(a.rows/2, aheadLeast)
	case distances < 4:
		a.rows = min(a.rows*2, aheadMost)
	}
}
