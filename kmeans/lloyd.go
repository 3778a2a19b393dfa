package kmeans

import (
	"context"
	"slices"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Empty says what happens to a center that no point is nearest to.
type Empty int

const (
	// KeepCenter leaves it where it is.
	KeepCenter Empty = iota
	// TakeFarthest gives it the point farthest from its own center, the first of
	// those equally far, which never raises the inertia.
	TakeFarthest
)

// Config says how [Lloyd] runs.
type Config struct {
	MaxUpdates int // of the centers, ≥ 0
	Empty      Empty
	Trajectory bool // keep the inertia before each update, which takes a distance for each point
	Plain      bool // evaluate all distances, to compare with
}

// Result is what [Lloyd] found.
type Result[F tensor.Float] struct {
	Centers    *tensor.Tensor[F] // [K, n]
	Labels     []int             // [m], the nearest of Centers
	Counts     []int             // [K], points of each label
	Inertia    float64           // Σ ‖x − y_label‖²
	Trajectory []float64         // inertia after 0, 1, …, Updates updates, if asked for
	Updates    int
	Converged  bool // the last update left the labels unchanged
	Cost       Cost
}

// Lloyd minimises Σ_x min_k ‖x − y_k‖² over points [m, n], starting from
// centers [K, n], which it leaves alone: each point takes the label of the
// nearest center, each center becomes the mean of its points, and so on until
// an update leaves the labels unchanged or MaxUpdates are done. The inertia
// never rises. Errors are those of [Assign].
//
// From the second round on, bounds from the triangle inequality, one for each
// point and center, save most distances (Elkan, ICML 2003); they are used where
// they take no more than four times the memory of the points. Labels and
// centers are those of the plain loop, bit for bit. Source: docs/kmeans.md.
func Lloyd[F tensor.Float](ctx context.Context, points, centers *tensor.Tensor[F], c Config) (*Result[F], error) {
	m, n, k, err := check(points, centers)
	switch {
	case err != nil:
		return nil, err
	case c.MaxUpdates < 0:
		return nil, domain.Errorf(domain.InvalidParameter, "at most %d updates: want at least 0", c.MaxUpdates)
	case c.Empty < KeepCenter || c.Empty > TakeFarthest:
		return nil, domain.Errorf(domain.InvalidParameter, "empty clusters are treated by %d: want KeepCenter or TakeFarthest", c.Empty)
	}
	r := &Result[F]{Centers: centers.Clone()}
	l := newLloyd(points, r.Centers, c, !c.Plain && k > 1 && n >= boundCoordinates && k <= 4*n)
	if err := l.run(ctx, r); err != nil {
		return nil, err
	}
	r.Labels, r.Counts, r.Inertia = l.labels, make([]int, k), l.inertia()
	for _, label := range r.Labels {
		r.Counts[label]++
	}
	l.cost.Distances += l.distances.Load()
	l.cost.Plain = int64(m) * int64(k) * int64(r.Updates+1)
	r.Cost = l.cost
	return r, nil
}

// lloyd is a run under way.
type lloyd[F tensor.Float] struct {
	*labelling[F]
	config  Config
	means   *means[F]
	bounds  *bounds[F] // nil without
	grouped []int      // the labels that means has added up
	moves   []move
	fresh   bool // own is up to date
	cost    Cost
}

func newLloyd[F tensor.Float](points, centers *tensor.Tensor[F], c Config, bounded bool) *lloyd[F] {
	l := &lloyd[F]{labelling: newLabelling(points, centers), config: c, means: newMeans(points, centers.Shape[0])}
	l.grouped = make([]int, l.m)
	if bounded {
		l.bounds = newBounds(l.labelling)
	}
	return l
}

func (l *lloyd[F]) run(ctx context.Context, r *Result[F]) error {
	if err := l.full(ctx, l.config.Plain); err != nil {
		return err
	}
	l.fresh = true
	if l.bounds != nil {
		l.bounds.start()
	}
	r.Trajectory = l.trace(r.Trajectory)
	for r.Updates < l.config.MaxUpdates && !r.Converged {
		if err := l.fill(ctx); err != nil {
			return err
		}
		l.regroup(r.Updates == 0)
		l.update()
		r.Updates++
		if err := l.round(ctx); err != nil {
			return err
		}
		r.Converged = slices.Equal(l.labels, l.grouped)
		r.Trajectory = l.trace(r.Trajectory)
	}
	return l.refresh(ctx)
}

// trace appends the present inertia, if it is asked for.
func (l *lloyd[F]) trace(trajectory []float64) []float64 {
	if !l.config.Trajectory {
		return nil
	}
	return append(trajectory, l.inertia())
}

// update moves the centers to their means.
func (l *lloyd[F]) update() {
	y := make([]F, l.n)
	for k := range l.k {
		if !l.means.center(y, k) {
			continue
		}
		if l.bounds != nil {
			l.bounds.moved(k, simd.SquaredDistance(y, l.center(k)))
		}
		copy(l.center(k), y)
	}
}

// round labels the points anew.
func (l *lloyd[F]) round(ctx context.Context) error {
	if l.bounds == nil {
		return l.full(ctx, l.config.Plain)
	}
	l.fresh = l.config.Trajectory
	return l.bounds.round(ctx, l.config.Trajectory, &l.cost)
}

// regroup brings the sums up to date with the labels.
func (l *lloyd[F]) regroup(first bool) {
	l.moves = l.moves[:0]
	for i, to := range l.labels {
		if from := l.grouped[i]; from != to {
			l.moves = append(l.moves, move{i, from, to})
		}
	}
	switch {
	case first, !l.means.exact:
		l.means.set(l.labels)
	default:
		l.means.apply(l.moves)
	}
	copy(l.grouped, l.labels)
}

// refresh evaluates the distance of every point to its center, where those
// that are known are out of date.
func (l *lloyd[F]) refresh(ctx context.Context) error {
	if l.fresh {
		return nil
	}
	l.fresh = true
	return each(ctx, l.m, func(lo, hi int) {
		for i := lo; i < hi; i++ {
			l.own[i] = l.distance(i, l.labels[i])
		}
		l.distances.Add(int64(hi - lo))
	})
}
