package kmeans

import (
	"context"
	"slices"

	"github.com/gradus-ml/gradus/internal/domain"
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
// Most distances are never taken: points are screened in the subspace where
// they scatter most, which takes 64 coordinates of each besides the points.
// Labels and centers are those of the plain loop, bit for bit. Source:
// docs/kmeans.md.
func Lloyd[F tensor.Float](ctx context.Context, points, centers *tensor.Tensor[F], c Config) (*Result[F], error) {
	_, n, k, err := check(points, centers)
	switch {
	case err != nil:
		return nil, err
	case c.MaxUpdates < 0:
		return nil, domain.Errorf(domain.InvalidParameter, "at most %d updates: want at least 0", c.MaxUpdates)
	case c.Empty < KeepCenter || c.Empty > TakeFarthest:
		return nil, domain.Errorf(domain.InvalidParameter, "empty clusters are treated by %d: want KeepCenter or TakeFarthest", c.Empty)
	}
	r := &Result[F]{Centers: centers.Clone()}
	l := newLloyd(points, r.Centers, c)
	l.plain = c.Plain
	if !c.Plain && (k >= screenCenters && n >= screenCoordinates || k >= 4 && n >= subspaceCoordinates) {
		l.screened()
	}
	if err := l.run(ctx, r); err != nil {
		return nil, err
	}
	r.Labels, r.Counts, r.Inertia = l.labels, make([]int, k), l.inertia()
	for _, label := range r.Labels {
		r.Counts[label]++
	}
	r.Cost = l.cost(r.Updates + 1)
	return r, nil
}

// lloyd is a run under way.
type lloyd[F tensor.Float] struct {
	*labelling[F]
	config  Config
	means   *means[F]
	grouped []int // the labels that means has added up
}

func newLloyd[F tensor.Float](points, centers *tensor.Tensor[F], c Config) *lloyd[F] {
	l := &lloyd[F]{labelling: newLabelling(points, centers), config: c, means: newMeans(points, centers.Shape[0])}
	l.grouped = make([]int, l.m)
	l.means.exact = l.means.exact && !c.Plain
	return l
}

func (l *lloyd[F]) run(ctx context.Context, r *Result[F]) error {
	if err := l.full(ctx, l.config.Trajectory); err != nil {
		return err
	}
	r.Trajectory = l.trace(r.Trajectory)
	for r.Updates < l.config.MaxUpdates && !r.Converged {
		if err := l.fill(ctx); err != nil {
			return err
		}
		l.regroup(r.Updates == 0)
		for k := range l.k {
			l.means.center(l.center(k), k)
		}
		r.Updates++
		if err := l.full(ctx, l.config.Trajectory); err != nil {
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

// regroup brings the sums up to date with the labels.
func (l *lloyd[F]) regroup(first bool) {
	if first || !l.means.exact {
		l.means.set(l.labels)
	} else {
		l.means.change(l.grouped, l.labels)
	}
	copy(l.grouped, l.labels)
}
