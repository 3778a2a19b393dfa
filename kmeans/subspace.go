package kmeans

import (
	"math"
	"unsafe"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// subspacePoints is how many points a subspace is found from: of fewer, too many
// would lie in it by chance.
const subspacePoints = 2048

// A subspace holds the directions in which points scatter most. rows is
// [width, n]: orthonormal but for rounding, then zeros, of which there is at
// least one.
type subspace[F tensor.Float] struct {
	rows *tensor.Tensor[F]
	// skew bounds, relative to ‖x‖, how far the computed rows·x is from the
	// coordinates of x in an exactly orthonormal basis.
	skew float64
}

// newSubspace finds the directions of points that scatter most about origin, by
// orthogonal iteration (Golub and Van Loan, §8.2.4) on a sample, which it puts
// into room if that is as long, and takes in those of centers, if they are given
// and few. A bad subspace makes a screen less sharp, never wrong.
func newSubspace[F tensor.Float](points, centers *tensor.Tensor[F], origin []F, width int, room []F) *subspace[F] {
	sample := scattered(points, origin, room)
	count := sample.Shape[0]
	s := &subspace[F]{rows: tensor.New[F](width, len(origin))}
	for i := range min(width, count) {
		copy(s.rows.Row(i), sample.Row(i*max(1, count/width)))
	}
	s.orthonormalise()
	for _, step := range []int{4, 2, 1} { // a rough direction needs few points
		some := sample.Rows(0, (count+step-1)/step)
		parts := tensor.New[F](some.Shape[0], width)
		tensor.MatMul(parts, some, s.rows, tensor.Product[F]{TransB: true})
		tensor.MatMul(s.rows, parts, some, tensor.Product[F]{TransA: true})
		s.orthonormalise()
	}
	if centers != nil && centers.Shape[0] <= width/4 {
		s.take(centers, origin)
	}
	s.measure()
	return s
}

// scattered returns a sample of the points about origin, in an order in which
// its first quarter and its first half come from everywhere among them.
func scattered[F tensor.Float](points *tensor.Tensor[F], origin, room []F) *tensor.Tensor[F] {
	m, n := points.Shape[0], points.Shape[1]
	count := min(m, subspacePoints)
	if len(room) < count*n {
		room = simd.Make[F](count * n)
	}
	sample, row := tensor.From(room[:count*n], count, n), 0
	for _, from := range [...]struct{ first, step int }{{0, 4}, {2, 4}, {1, 2}} {
		for i := from.first; i < count; i += from.step {
			simd.Sub(sample.Row(row), points.Row(i*m/count), origin)
			row++
		}
	}
	return sample
}

// take makes the directions of centers the first, so that these have no
// remainder.
func (s *subspace[F]) take(centers *tensor.Tensor[F], origin []F) {
	copy(s.rows.Data[len(centers.Data):], s.rows.Data)
	for k := range centers.Shape[0] {
		simd.Sub(s.rows.Row(k), centers.Row(k), origin)
	}
	s.orthonormalise()
}

// orthonormalise makes the rows but the last orthonormal, twice over against
// rounding, and clears those that depend on others, and the last.
func (s *subspace[F]) orthonormalise() {
	last := s.rows.Shape[0] - 1
	for i := range last {
		row := s.rows.Row(i)
		before := simd.Norm(row)
		for range 2 {
			for j := range i {
				simd.AddScaled(row, s.rows.Row(j), F(-simd.Dot(row, s.rows.Row(j))))
			}
		}
		if norm := simd.Norm(row); norm > 1e-4*before && norm > 0x1p-100 && norm < 0x1p100 {
			simd.Scale(row, row, F(1/norm))
		} else {
			clear(row)
		}
	}
	clear(s.rows.Row(last))
}

// measure sets skew. Rows Q that are nearly orthonormal are within ‖QQᵀ − I‖ of
// rows that are exactly so (their polar factor).
func (s *subspace[F]) measure() {
	width, n := s.rows.Shape[0], s.rows.Shape[1]
	off := 0.0
	for i := range width {
		for j := range i + 1 {
			d := simd.Dot(s.rows.Row(i), s.rows.Row(j))
			if i == j && d != 0 {
				d = (d - 1) / math.Sqrt2
			}
			off += 2 * d * d
		}
	}
	u := 0x1p-24
	if unsafe.Sizeof(F(0)) == 8 {
		u = 0x1p-53
	}
	s.skew = 1.01*math.Sqrt(off) + (float64(n)+float64(n)/256+8)*u*math.Sqrt(float64(width))
}
