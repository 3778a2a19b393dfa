package kmeans

import (
	"context"
	"math"
	"sync/atomic"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// pointTask is how many points are one task, stretch how many are done between
// two looks at the context.
const pointTask, stretch = 128, 128 * 128

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
	m, _, k, err := check(points, centers)
	if err != nil {
		return nil, err
	}
	l := newLabelling(points, centers)
	if err := l.full(ctx, false); err != nil {
		return nil, err
	}
	return &Assignment{Labels: l.labels, Inertia: l.inertia(), Cost: Cost{Distances: l.distances.Load(), Plain: int64(m) * int64(k)}}, nil
}

// A labelling is the labels of points under centers, and what is known of
// their distances.
type labelling[F tensor.Float] struct {
	points, centers *tensor.Tensor[F]
	m, n, k         int
	labels          []int
	own             []float64 // squared distance to the center of the label
	below           []float32 // [m, K], bounds from below to the distances, or nil
	distances       atomic.Int64
}

func newLabelling[F tensor.Float](points, centers *tensor.Tensor[F]) *labelling[F] {
	m := points.Shape[0]
	return &labelling[F]{
		points: points, centers: centers, m: m, n: points.Shape[1], k: centers.Shape[0],
		labels: make([]int, m), own: make([]float64, m),
	}
}

func (l *labelling[F]) point(i int) []F { return l.points.Data[i*l.n : (i+1)*l.n] }

func (l *labelling[F]) center(k int) []F { return l.centers.Data[k*l.n : (k+1)*l.n] }

func (l *labelling[F]) row(i int) []float32 { return l.below[i*l.k : (i+1)*l.k] }

// distance evaluates the squared distance from point i to center k.
func (l *labelling[F]) distance(i, k int) float64 {
	return simd.SquaredDistance(l.point(i), l.center(k))
}

// full labels all points, by the plain loop if told to, and fills the bounds
// if there are any.
func (l *labelling[F]) full(ctx context.Context, plain bool) error {
	var err error
	if plain || l.k < screenCenters || l.n < screenCoordinates {
		err = each(ctx, l.m, l.direct)
	} else {
		err = l.screened(ctx)
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

// direct labels points by the plain loop.
func (l *labelling[F]) direct(lo, hi int) {
	for i := lo; i < hi; i++ {
		if l.below == nil {
			l.labels[i], l.own[i] = nearest(l.point(i), l.centers.Data)
			continue
		}
		label, squared, row := -1, math.Inf(1), l.row(i)
		for k := range row {
			d := l.distance(i, k)
			row[k] = down(math.Sqrt(d))
			if d < squared {
				label, squared = k, d
			}
		}
		l.labels[i], l.own[i] = label, squared
	}
	l.distances.Add(int64((hi - lo) * l.k))
}

// screened labels points by scores, and by distances where scores are too near
// to each other.
func (l *labelling[F]) screened(ctx context.Context) error {
	s := newScreen[F](l.k, l.n, min(screenRows, l.m))
	s.set(l.centers)
	for from := 0; from < l.m; from += screenRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows := min(screenRows, l.m-from)
		s.score(l.points.Rows(from, from+rows))
		parallel.Run(parallel.Blocks(rows, scoreTask), parallel.Func(func(b int) {
			lo, hi := parallel.Span(b, scoreTask, rows)
			count := 0
			for row := lo; row < hi; row++ {
				i := from + row
				label, squared, distances := s.settle(row, l.point(i), l.centers.Data)
				l.labels[i], l.own[i] = label, squared
				count += l.k + distances
				if l.below != nil {
					s.below(l.row(i), row)
				}
			}
			l.distances.Add(int64(count))
		}))
	}
	return nil
}

// inertia is the sum of the squared distances, in the order of the points.
func (l *labelling[F]) inertia() float64 {
	total := 0.0
	for _, d := range l.own {
		total += d
	}
	return total
}

// each calls do for all points, a task at a time, until the context ends.
func each(ctx context.Context, m int, do func(lo, hi int)) error {
	for from := 0; from < m; from += stretch {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := min(from+stretch, m)
		parallel.Run(parallel.Blocks(to-from, pointTask), parallel.Func(func(b int) {
			lo, hi := parallel.Span(b, pointTask, to-from)
			do(from+lo, from+hi)
		}))
	}
	return ctx.Err()
}
