package kmeans

import (
	"context"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/tensor"
)

// Optimum returns the least inertia that k clusters of the points [m, n] can
// have, and labels that reach it, numbered in the order of the points.
//
// It searches all partitions but those that cost too much before they are
// complete: what is placed, and at least what the rest costs by itself, which is
// found first, the last points before the others (Brusco, Psychometrika 2006).
// The time still grows exponentially with m: a few dozen points where clusters
// are clear, about twenty where they are not; end the context to give up. No
// cluster, or more than points, are errors. Source: docs/kmeans.md.
func Optimum[F tensor.Float](ctx context.Context, points *tensor.Tensor[F], k int) (inertia float64, labels []int, err error) {
	m, _, err := checkPoints(points)
	switch {
	case err != nil:
		return 0, nil, err
	case k < 1 || k > m:
		return 0, nil, domain.Errorf(domain.InvalidParameter, "%d clusters of %d points: want at least 1, and no more than points", k, m)
	}
	for i := range m {
		if !finite(points.Row(i)) {
			return 0, nil, notFinite(i)
		}
	}
	s := newSearch(ctx, points, k)
	if err := s.run(); err != nil {
		return 0, nil, err
	}
	labels = make([]int, m)
	for i, at := range s.at {
		labels[at] = s.found[i]
	}
	renumber(labels)
	return s.cost(), labels, nil
}

// renumber numbers the labels in the order of their first points.
func renumber(labels []int) {
	names := map[int]int{}
	for i, k := range labels {
		if _, ok := names[k]; !ok {
			names[k] = len(names)
		}
		labels[i] = names[k]
	}
}
