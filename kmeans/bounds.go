package kmeans

import (
	"context"
	"math"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// boundCoordinates is from how many coordinates on a distance costs more than
// the bounds that may save it.
const boundCoordinates = 16

// bounds knows, from distances of earlier rounds and from how far the centers
// have moved since, how near a center can be at best.
//
// A bound is stored together with the path of its center up to then, so that it
// ages by itself: bound now = stored − path now. In the same way the distance
// of a point to its own center is at most stored + path now.
type bounds[F tensor.Float] struct {
	*labelling[F]
	path  []float64 // [K], how far each center has gone in all, from above
	aged  []float32 // [K], path rounded up
	above []float64 // [m], distance to the own center, less its path then
	apart []float32 // [K, K], half the distances between centers, from below
	gap   []float32 // [K], the smallest of apart
	slack float64
}

func newBounds[F tensor.Float](l *labelling[F]) *bounds[F] {
	l.below = make([]float32, l.m*l.k)
	return &bounds[F]{
		labelling: l, path: make([]float64, l.k), aged: make([]float32, l.k), above: make([]float64, l.m),
		apart: make([]float32, l.k*l.k), gap: make([]float32, l.k), slack: slack(l.n),
	}
}

// start takes the distances of a full labelling.
func (b *bounds[F]) start() {
	for i, d := range b.own {
		b.above[i] = math.Sqrt(d)
	}
}

// moved says that center k has gone a step, the square of which is given.
func (b *bounds[F]) moved(k int, squared float64) {
	b.path[k] += math.Sqrt(squared) * (1 + b.slack)
}

// round labels the points under the centers that have moved. It leaves own out
// of date where no distance is needed, unless told to keep it.
func (b *bounds[F]) round(ctx context.Context, keep bool, cost *Cost) error {
	for k, v := range b.path {
		b.aged[k] = up[float32](v)
	}
	b.separate(cost)
	return each(ctx, b.m, func(lo, hi int) {
		nearby, count := make([]int32, 0, b.k), 0
		for i := lo; i < hi; i++ {
			count += b.label(i, nearby, keep)
		}
		b.distances.Add(int64(count))
	})
}

// label labels point i and returns how many distances that took. A center is
// out of the question if its bound, or half its distance to the own center, is
// beyond the distance to the own center; each comparison gives way by more than
// the operands may be off.
func (b *bounds[F]) label(i int, nearby []int32, keep bool) int {
	own := b.labels[i]
	limit := up[float32]((b.above[i] + b.path[own]) * (1 + b.slack))
	nearby = nearby[:0]
	row := b.row(i)
	if b.gap[own] <= limit {
		nearby = within(nearby, row, b.aged, limit)
	}
	if !keep && (len(nearby) == 0 || len(nearby) == 1 && int(nearby[0]) == own) {
		return 0
	}
	best, squared, count := own, b.distance(i, own), 1
	root := math.Sqrt(squared)
	row[own] = down(root + b.path[own])
	limit = up[float32](root * (1 + b.slack))
	nearer := limit // that of the nearest so far
	apart := b.apart[own*b.k : (own+1)*b.k]
	for _, k32 := range nearby {
		k := int(k32)
		if k == own || row[k] > (nearer+b.aged[k])*(1+0x1p-20) || apart[k] > limit {
			continue
		}
		d := b.distance(i, k)
		count++
		root := math.Sqrt(d)
		row[k] = down(root + b.path[k])
		if d < squared || d == squared && k < best {
			best, squared, nearer = k, d, up[float32](root*(1+b.slack))
		}
	}
	b.labels[i], b.own[i], b.above[i] = best, squared, math.Sqrt(squared)-b.path[best]
	return count
}

// within appends the centers whose bounds do not put them beyond limit.
func within(nearby []int32, stored, aged []float32, limit float32) []int32 {
	aged = aged[:len(stored)]
	for k, v := range stored {
		if !(v > (limit+aged[k])*(1+0x1p-20)) {
			nearby = append(nearby, int32(k))
		}
	}
	return nearby
}

// separate finds half the distances between centers, as lower bounds.
func (b *bounds[F]) separate(cost *Cost) {
	parallel.Run(b.k, parallel.Func(func(i int) {
		for j := range i {
			half := down(math.Sqrt(simd.SquaredDistance(b.center(i), b.center(j))) / 2)
			b.apart[i*b.k+j], b.apart[j*b.k+i] = half, half
		}
	}))
	for i := range b.k {
		b.gap[i] = math.MaxFloat32
		for j, half := range b.apart[i*b.k : (i+1)*b.k] {
			if j != i {
				b.gap[i] = min(b.gap[i], half)
			}
		}
	}
	cost.Others += int64(b.k * (b.k - 1) / 2)
}
