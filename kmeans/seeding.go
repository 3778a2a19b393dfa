package kmeans

import (
	"context"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Draws returns n numbers in [0, 1) for [PlusPlus].
func Draws(rng *rand.Rand, n int) []float64 {
	u := make([]float64, n)
	for i := range u {
		u[i] = rng.Float64()
	}
	return u
}

// PlusPlus chooses len(uniforms) of the points [m, n] to start from (k-means++:
// Arthur and Vassilvitskii, SODA 2007). With uniforms u_i in [0, 1): the first
// index is ⌊u₀·m⌋; each next one the smallest i with D₁² + … + D_i² > u·ΣD²,
// where D is the distance to the nearest point chosen so far, or the lowest
// unused index where all D are 0. The expected inertia is at most 8(ln K + 2)
// times the best. More centers than points, and none, are errors. Source:
// docs/kmeans.md.
func PlusPlus[F tensor.Float](ctx context.Context, points *tensor.Tensor[F], uniforms []float64) ([]int, Cost, error) {
	s, err := newSeeding(points, len(uniforms))
	if err != nil {
		return nil, Cost{}, err
	}
	for i, u := range uniforms {
		if !(u >= 0 && u < 1) {
			return nil, Cost{}, domain.Errorf(domain.InvalidParameter, "uniform %d is %v: want it in [0, 1)", i, u)
		}
	}
	for _, u := range uniforms {
		next := s.draw(u)
		if err := s.choose(ctx, next, s.nearest, s.chosen); err != nil {
			return nil, Cost{}, err
		}
	}
	return s.indices, s.cost(), nil
}

// Greedy chooses k of the points as [PlusPlus] does, but draws several
// candidates for each and keeps the one that leaves the smallest Σ D², the first
// of those that leave the same. 2 + ⌊ln k⌋ candidates are customary. Source:
// docs/kmeans.md.
func Greedy[F tensor.Float](ctx context.Context, points *tensor.Tensor[F], k, candidates int, rng *rand.Rand) ([]int, Cost, error) {
	s, err := newSeeding(points, k)
	if err != nil {
		return nil, Cost{}, err
	}
	if candidates < 1 {
		return nil, Cost{}, domain.Errorf(domain.InvalidParameter, "%d candidates: want at least 1", candidates)
	}
	squared, from := make([]float64, s.m), make([]int, s.m)
	best, bestFrom := make([]float64, s.m), make([]int, s.m)
	for i := range k {
		smallest, chosen := math.Inf(1), -1
		for range candidates {
			next := s.draw(rng.Float64())
			copy(squared, s.nearest)
			copy(from, s.chosen)
			if err := s.choose(ctx, next, squared, from); err != nil {
				return nil, Cost{}, err
			}
			s.indices = s.indices[:i]
			if total := sum(squared); chosen < 0 || total < smallest {
				smallest, chosen = total, next
				best, squared = squared, best
				bestFrom, from = from, bestFrom
			}
			if i == 0 {
				break // a candidate for the first is as good as another
			}
		}
		s.indices = append(s.indices, chosen)
		s.nearest, best = best, s.nearest
		s.chosen, bestFrom = bestFrom, s.chosen
	}
	return s.indices, s.cost(), nil
}

// seeding is a choice of points under way.
type seeding[F tensor.Float] struct {
	*labelling[F]
	indices []int
	nearest []float64 // squared distance to the nearest point chosen
	chosen  []int     // which of indices that is
}

func newSeeding[F tensor.Float](points *tensor.Tensor[F], k int) (*seeding[F], error) {
	m, _, err := checkPoints(points)
	switch {
	case err != nil:
		return nil, err
	case k < 1 || k > m:
		return nil, domain.Errorf(domain.InvalidParameter, "%d centers among %d points: want at least 1, and no more than points", k, m)
	}
	s := &seeding[F]{labelling: newLabelling(points, points), nearest: make([]float64, m), chosen: make([]int, m)}
	for i := range s.nearest {
		s.nearest[i] = math.Inf(1)
	}
	return s, nil
}

func (s *seeding[F]) cost() Cost {
	k := int64(len(s.indices))
	return Cost{Distances: s.distances.Load(), Plain: int64(s.m) * k}
}

// draw returns the next index for a uniform number.
func (s *seeding[F]) draw(u float64) int {
	if len(s.indices) == 0 {
		return min(int(u*float64(s.m)), s.m-1)
	}
	limit, total := u*sum(s.nearest), 0.0
	last := -1
	for i, d := range s.nearest {
		total += d
		if total > limit {
			return i
		}
		if d > 0 {
			last = i
		}
	}
	if last >= 0 {
		return last // u·total was rounded up to the total
	}
	used := make([]bool, s.m)
	for _, i := range s.indices {
		used[i] = true
	}
	for used[last+1] {
		last++
	}
	return last + 1
}

// choose adds a point to indices and brings the distances up to date. A point
// whose nearest is less than half as far from it as from the new one keeps it,
// without another distance.
func (s *seeding[F]) choose(ctx context.Context, next int, nearest []float64, chosen []int) error {
	at := len(s.indices)
	quarter := make([]float64, at)
	for i, index := range s.indices {
		quarter[i] = simd.SquaredDistance(s.point(index), s.point(next)) / 4 * (1 - 8*slack(s.n))
	}
	s.indices = append(s.indices, next)
	err := each(ctx, s.m, pointTask, func(lo, hi int) {
		count := 0
		for i := lo; i < hi; i++ {
			if at > 0 && quarter[chosen[i]] >= nearest[i] {
				continue
			}
			count++
			if d := s.distance(i, next); d < nearest[i] {
				nearest[i], chosen[i] = d, at
			}
		}
		s.distances.Add(int64(count))
	})
	if err != nil {
		return err
	}
	if i := badPoint(nearest); i >= 0 {
		return notFinite(i)
	}
	return nil
}

// badPoint returns the first index without a finite distance, or −1.
func badPoint(squared []float64) int {
	for i, d := range squared {
		if !(d <= math.MaxFloat64) {
			return i
		}
	}
	return -1
}

func sum(x []float64) float64 {
	total := 0.0
	for _, v := range x {
		total += v
	}
	return total
}
