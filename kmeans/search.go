package kmeans

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// search looks for the best partition of points into k clusters by branch and
// bound.
type search struct {
	ctx    context.Context
	err    error
	nodes  int
	x      [][]float64 // the points in the order of placing, less the first given
	at     []int       // which point each is
	k      int
	means  [][]float64 // of what each cluster holds
	counts []int
	saved  [][]float64 // [m][n], the mean that placing a point replaced
	labels []int
	found  []int     // labels of the best partition so far
	best   float64   // its cost
	least  []float64 // [m+1], the least cost of the points from each on
}

func newSearch[F tensor.Float](ctx context.Context, points *tensor.Tensor[F], k int) *search {
	m, n := points.Shape[0], points.Shape[1]
	s := &search{ctx: ctx, k: k, counts: make([]int, k), labels: make([]int, m), found: make([]int, m), least: make([]float64, m+1)}
	for i := range m {
		x := make([]float64, n)
		for j, v := range points.Row(i) {
			x[j] = float64(v) - float64(points.Data[j])
		}
		s.x, s.at, s.saved = append(s.x, x), append(s.at, i), append(s.saved, make([]float64, n))
	}
	for range k {
		s.means = append(s.means, make([]float64, n))
	}
	s.spread()
	return s
}

// spread orders the points so that each is the farthest from those before it:
// partitions that join what lies apart then cost much at once.
func (s *search) spread() {
	nearest := make([]float64, len(s.x))
	for i := range nearest {
		nearest[i] = math.Inf(1)
	}
	for i := 1; i < len(s.x); i++ {
		farthest := i
		for j := i; j < len(s.x); j++ {
			nearest[j] = min(nearest[j], simd.SquaredDistance(s.x[j], s.x[i-1]))
			if nearest[j] > nearest[farthest] {
				farthest = j
			}
		}
		s.x[i], s.x[farthest] = s.x[farthest], s.x[i]
		s.at[i], s.at[farthest] = s.at[farthest], s.at[i]
		nearest[i], nearest[farthest] = nearest[farthest], nearest[i]
	}
}

// run solves for the last points, then for one more, until all are there.
func (s *search) run() error {
	for i := len(s.x) - 1; i >= 0 && s.err == nil; i-- {
		s.extend(i)
		clear(s.counts)
		s.place(i, 0, 0)
		s.least[i] = s.best
	}
	return s.err
}

// extend puts point i where it costs least in the partition found for those
// after it, to begin with.
func (s *search) extend(i int) {
	clear(s.counts)
	for j := i + 1; j < len(s.x); j++ {
		s.join(j, s.found[j])
	}
	s.best = math.Inf(1)
	for k := range s.k {
		if rise := s.least[i+1] + s.rise(i, k); rise < s.best {
			s.found[i], s.best = k, rise
		}
	}
}

// place tries point i in every cluster that is used and in one that is not,
// those placed before it costing so much.
func (s *search) place(i, used int, cost float64) {
	if i == len(s.x) {
		s.best = cost
		copy(s.found, s.labels)
		return
	}
	if s.nodes++; s.nodes%4096 == 0 {
		s.err = s.ctx.Err()
	}
	for k := range min(used+1, s.k) {
		total := cost + s.rise(i, k)
		if s.err != nil || total+s.least[i+1] >= s.best {
			continue
		}
		s.labels[i] = k
		copy(s.saved[i], s.means[k])
		s.join(i, k)
		s.place(i+1, max(used, k+1), total)
		copy(s.means[k], s.saved[i])
		s.counts[k]--
	}
}

// rise is what point i adds to the cost of cluster k.
func (s *search) rise(i, k int) float64 {
	if s.counts[k] == 0 {
		return 0
	}
	c := float64(s.counts[k])
	return c / (c + 1) * simd.SquaredDistance(s.x[i], s.means[k])
}

// join adds point i to cluster k.
func (s *search) join(i, k int) {
	if s.counts[k]++; s.counts[k] == 1 {
		copy(s.means[k], s.x[i])
		return
	}
	towards(s.means[k], s.x[i], s.counts[k])
}

// cost is the inertia of the best partition, about its means.
func (s *search) cost() float64 {
	clear(s.counts)
	for i, k := range s.found {
		s.join(i, k)
	}
	total := 0.0
	for i, k := range s.found {
		total += simd.SquaredDistance(s.x[i], s.means[k])
	}
	return total
}
