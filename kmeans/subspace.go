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
// orthogonal iteration (Golub and Van Loan, §8.2.4) on a sample, and takes in
// those of centers, if they are given and few. A bad subspace makes a screen
// less sharp, never wrong.
func newSubspace[F tensor.Float](points, centers *tensor.Tensor[F], origin []F, width int) *subspace[F] {
	m, n := points.Shape[0], points.Shape[1]
	sample := tensor.New[F](min(m, subspacePoints), n)
	for i := range sample.Shape[0] {
		simd.Sub(sample.Row(i), points.Row(i*m/sample.Shape[0]), origin)
	}
	s := &subspace[F]{rows: every(sample, max(1, sample.Shape[0]/width), width)}
	s.orthonormalise()
	for _, step := range []int{4, 2, 1} { // a rough direction needs few points
		some := sample
		if step > 1 {
			some = every(sample, step, (sample.Shape[0]+step-1)/step)
		}
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

// every returns one row in step of x, up to count, and zeros beyond them.
func every[F tensor.Float](x *tensor.Tensor[F], step, count int) *tensor.Tensor[F] {
	rows := tensor.New[F](count, x.Shape[1])
	for i := 0; i < count && i*step < x.Shape[0]; i++ {
		copy(rows.Row(i), x.Row(i*step))
	}
	return rows
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
