package kmeans

import (
	"context"
	"sync/atomic"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// pointTask is how many points are one task, stretch how many are done between
// two looks at the context.
const pointTask, stretch = 128, 128 * 128

// labelWidth is the width of the subspace that points are labelled in.
const labelWidth = 64

// Assignment says which center each point belongs to.
type Assignment struct {
	Labels  []int   // [m], the nearest center
	Inertia float64 // Σ ‖x − y_label‖²
	Cost    Cost
}

// Assign labels each of the points [m, n] with the nearest of the centers
// [K, n], the lowest index of those equally near. No center, a center that is
// not finite and a point without a finite distance are errors. Source:
// docs/kmeans.md.
func Assign[F tensor.Float](ctx context.Context, points, centers *tensor.Tensor[F]) (*Assignment, error) {
	m, n, k, err := check(points, centers)
	if err != nil {
		return nil, err
	}
	l := newLabelling(points, centers)
	if k >= screenCenters && n >= screenCoordinates && m > 1 {
		l.screened()
	}
	if err := l.full(ctx, true); err != nil {
		return nil, err
	}
	return &Assignment{Labels: l.labels, Inertia: l.inertia(), Cost: l.cost(1)}, nil
}

// A labelling is the labels of points under centers, and what is known of
// their distances.
type labelling[F tensor.Float] struct {
	points, centers *tensor.Tensor[F]
	m, n, k         int
	labels          []int
	own             []float64 // squared distance to the center of the label, or −1 if not known
	distances       atomic.Int64
	plain           bool // every distance

	screen *screen[F] // nil: plain loops
	view   *view[F]   // of all points in a subspace, as columns; nil: each block makes its own
	seen   bool       // the view is up to date
	blocks parallel.Spares[block[F]]
}

// A block is what it takes to label some rows at a time.
type block[F tensor.Float] struct {
	view    *view[F] // of the rows, where there is none of all points
	centred *tensor.Tensor[F]
	turned  []F // [rows, width], on the way to columns, where there is
	scores  []F // [K, across(rows)]

	firsts                     []int32 // [rows], of what the scores say
	leasts, others, remainders []F
}

func newLabelling[F tensor.Float](points, centers *tensor.Tensor[F]) *labelling[F] {
	m := points.Shape[0]
	return &labelling[F]{
		points: points, centers: centers, m: m, n: points.Shape[1], k: centers.Shape[0],
		labels: make([]int, m), own: make([]float64, m),
	}
}

// screened prepares to label by scores.
func (l *labelling[F]) screened() {
	var room []F
	if l.n >= subspaceCoordinates {
		l.view = newView[F](across(l.m), labelWidth)
		room = l.view.coordinates.Data
	}
	l.screen = newScreen(l.points, l.centers, l.k, labelWidth, room)
}

// room makes a block ready for use, if it is new.
func (l *labelling[F]) room(b *block[F]) {
	if b.scores != nil {
		return
	}
	rows := across(min(screenRows, l.m))
	if b.centred = l.screen.newCentred(l.m); l.view == nil {
		b.view = newView[F](rows, l.screen.width)
	} else {
		b.turned = make([]F, rows*l.screen.width)
	}
	b.scores, b.firsts = make([]F, rows*l.k), make([]int32, rows)
	b.leasts, b.others, b.remainders = make([]F, rows), make([]F, rows), make([]F, rows)
}

func (l *labelling[F]) point(i int) []F { return l.points.Data[i*l.n : (i+1)*l.n] }

func (l *labelling[F]) center(k int) []F { return l.centers.Data[k*l.n : (k+1)*l.n] }

// distance evaluates the squared distance from point i to center k.
func (l *labelling[F]) distance(i, k int) float64 {
	return simd.SquaredDistance(l.point(i), l.center(k))
}

// full labels all points. Distances that the labels do not need are left
// unknown unless they are wanted.
func (l *labelling[F]) full(ctx context.Context, wanted bool) error {
	var err error
	if l.screen == nil {
		err = each(ctx, l.m, pointTask, func(lo, hi int) { l.direct(lo, hi, wanted) })
	} else {
		err = l.byScores(ctx, wanted)
	}
	if err != nil {
		return err
	}
	for i, label := range l.labels {
		if label < 0 {
			return notFinite(i)
		}
	}
	return nil
}

// direct labels points without a screen.
func (l *labelling[F]) direct(lo, hi int, wanted bool) {
	var rough []F
	if !l.plain {
		rough = make([]F, l.k)
	}
	count := (hi - lo) * l.k
	for i := lo; i < hi; i++ {
		if l.plain {
			l.labels[i], l.own[i] = nearest(l.point(i), l.centers.Data)
			continue
		}
		evaluated := 0
		l.labels[i], l.own[i], evaluated = among(l.point(i), l.centers.Data, rough, wanted)
		count += evaluated
	}
	l.distances.Add(int64(count))
}

// byScores labels points by scores, and by distances where those do not decide.
func (l *labelling[F]) byScores(ctx context.Context, wanted bool) error {
	l.screen.set(l.centers)
	err := each(ctx, l.m, screenRows, func(lo, hi int) {
		b := l.blocks.Take()
		l.room(b)
		l.block(b, lo, hi, wanted)
		l.blocks.Give(b)
	})
	l.seen = l.view != nil && err == nil
	return err
}

// block labels the points from lo to hi; those that take distances are fetched
// while the one before is at work.
func (l *labelling[F]) block(b *block[F], lo, hi int, wanted bool) {
	s, rows, v, at := l.screen, hi-lo, l.view, lo
	if v == nil {
		v, at = b.view, 0
	}
	if !l.seen {
		s.see(v, at, rows, b.centred, func(i int) []F { return l.point(lo + i) })
		if v == l.view {
			v.turn(at, rows, b.turned)
		}
	}
	coordinates, stride, remainders := v.coordinates.Rows(at, at+rows), rows, b.remainders[:rows] // 0 without a subspace
	if v == l.view {
		coordinates = v.columns(at, rows)
		stride, remainders = coordinates.Shape[1], coordinates.Row(s.width - 1)[:rows]
	}
	scores := tensor.From(b.scores[:l.k*stride], l.k, stride)
	s.scoreColumns(scores, coordinates, v != l.view)
	simd.LeastTwo(b.firsts[:rows], b.leasts[:rows], b.others[:rows], scores.Data, stride, s.rest, remainders)
	var room [screenRows]int
	open := room[:0]
	for i := range rows {
		first := int(b.firsts[i])
		if !wanted && s.decides(first, b.leasts[i], b.others[i], remainders[i], s.margin(v.lengths[at+i])) {
			l.labels[lo+i], l.own[lo+i] = first, -1
		} else {
			open = append(open, i)
		}
	}
	count := 0
	for j, i := range open {
		if j+1 < len(open) {
			simd.Fetch(l.point(lo + open[j+1]))
		}
		c := s.prepare(v, at+i, l.point(lo+i), l.centers.Data, scores.Data[i:], stride)
		l.labels[lo+i], l.own[lo+i] = c.settle(int(b.firsts[i]), b.others[i])
		count += c.distances
	}
	l.distances.Add(int64(count))
}

// refresh evaluates the distances that are not known.
func (l *labelling[F]) refresh(ctx context.Context) error {
	return each(ctx, l.m, pointTask, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			if l.own[i] < 0 {
				l.own[i] = l.distance(i, l.labels[i])
				l.distances.Add(1)
			}
		}
	})
}

// cost is what so many rounds have taken.
func (l *labelling[F]) cost(rounds int) Cost {
	c := Cost{Distances: l.distances.Load(), Plain: int64(l.m) * int64(l.k) * int64(rounds)}
	if l.screen != nil {
		c.Scores = c.Plain
	}
	return c
}

// inertia is the sum of the squared distances, in the order of the points.
func (l *labelling[F]) inertia() float64 { return sum(l.own) }

// each calls do for m points, a task of so many at a time, until the context
// ends.
func each(ctx context.Context, m, task int, do func(lo, hi int)) error {
	for from := 0; from < m; from += stretch {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := min(from+stretch, m)
		parallel.Run(parallel.Blocks(to-from, task), parallel.Func(func(b int) {
			lo, hi := parallel.Span(b, task, to-from)
			do(from+lo, from+hi)
		}))
	}
	return ctx.Err()
}
