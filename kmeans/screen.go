package kmeans

import (
	"math"
	"unsafe"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Screening pays from so many centers and coordinates on; below, the plain loop
// is as fast.
const screenCenters, screenCoordinates = 16, 8

// screenRows is how many points are scored by one matrix product, scoreTask how
// many of them are one task.
const screenRows, scoreTask = 512, 32

// A screen scores many points against all centers by one matrix product:
//
//	score[i, k] = ½‖y_k − o‖² − (x_i − o)·(y_k − o) = ½(‖x_i − y_k‖² − ‖x_i − o‖²)
//
// The origin o, the mean of the centers, keeps the terms from cancelling.
// margin bounds the rounding, so that a score decides where it can and leaves
// the rest to distances.
type screen[F tensor.Float] struct {
	origin   []F
	negative *tensor.Tensor[F] // [K, n], o − y_k
	half     *tensor.Tensor[F] // [K], ½‖y_k − o‖²
	longest  float64           // of the ‖y_k − o‖

	centred *tensor.Tensor[F] // [rows, n], x_i − o
	scores  *tensor.Tensor[F] // [rows, K]
	squares []float64         // [rows], ‖x_i − o‖²
}

func newScreen[F tensor.Float](k, n, rows int) *screen[F] {
	return &screen[F]{
		origin: make([]F, n), negative: tensor.New[F](k, n), half: tensor.New[F](k),
		centred: tensor.New[F](rows, n), scores: tensor.New[F](rows, k), squares: make([]float64, rows),
	}
}

// set takes the centers.
func (s *screen[F]) set(centers *tensor.Tensor[F]) {
	k := centers.Shape[0]
	clear(s.origin)
	for i := range k {
		simd.AddScaled(s.origin, centers.Row(i), 1/F(k))
	}
	s.longest = 0
	for i := range k {
		s.center(i, centers.Row(i))
	}
}

// center takes center i, the origin being what it was.
func (s *screen[F]) center(i int, y []F) {
	row := s.negative.Row(i)
	simd.Sub(row, s.origin, y)
	square := simd.SumSquares(row)
	s.half.Data[i] = F(square / 2)
	s.longest = max(s.longest, math.Sqrt(square))
}

// score fills scores and squares for the points, at most as many as the screen
// has rows.
func (s *screen[F]) score(points *tensor.Tensor[F]) {
	m, n, k := points.Shape[0], points.Shape[1], s.negative.Shape[0]
	parallel.Run(parallel.Blocks(m, scoreTask), parallel.Func(func(b int) {
		lo, hi := parallel.Span(b, scoreTask, m)
		for i := lo; i < hi; i++ {
			row := s.centred.Data[i*n : (i+1)*n]
			simd.Sub(row, points.Row(i), s.origin)
			s.squares[i] = simd.SumSquares(row)
		}
	}))
	tensor.MatMul(tensor.From(s.scores.Data[:m*k], m, k), s.centred.Rows(0, m), s.negative, tensor.Product[F]{TransB: true, Bias: s.half.Data})
}

// margin bounds |score − ½(‖x − y_k‖² − square)| for every k, where the first
// distance is as [Nearest] computes it and square is that of the row. It is
// infinite where products may overflow.
//
// With unit roundoff u, A = ‖x − o‖ and B the longest ‖y − o‖: the product of n
// terms is off by at most (n + n/256 + 8)·u·A·B, the rounding of x − o and
// y − o moves a distance by at most u·(A + B), the squares are rounded once
// more, and [Nearest] is off by slack(n)·(A + B)².
func (s *screen[F]) margin(square float64) float64 {
	u, tiny, huge := 0x1p-24, 0x1p-126, 0x1p60
	if unsafe.Sizeof(F(0)) == 8 {
		u, tiny, huge = 0x1p-53, 0x1p-1022, 0x1p500
	}
	a, b, n := math.Sqrt(square), s.longest, float64(len(s.origin))
	if !(a+b < huge) {
		return math.Inf(1)
	}
	return (n+n/256+8)*u*a*b + (8*u+2*slack(len(s.origin)))*(a*a+b*b) + n*tiny
}

// settle returns the center nearest to x, point i of those scored, its squared
// distance, and how many distances that took. The index is −1 if no distance
// is finite.
func (s *screen[F]) settle(i int, x, centers []F) (index int, squared float64, distances int) {
	margin := s.margin(s.squares[i])
	k, n := len(s.half.Data), len(x)
	if math.IsInf(margin, 1) {
		index, squared = nearest(x, centers)
		return index, squared, k
	}
	scores := s.scores.Data[i*k : (i+1)*k]
	first := lowest(scores)
	index, squared, distances = first, simd.SquaredDistance(x, centers[first*n:(first+1)*n]), 1
	limit := up[F](float64(scores[first]) + 2*margin)
	for j, v := range scores {
		if v > limit || j == first {
			continue
		}
		d := simd.SquaredDistance(x, centers[j*n:(j+1)*n])
		distances++
		if d < squared || d == squared && j < index {
			index, squared = j, d
		}
	}
	return index, squared, distances
}

// lowest returns the index of the first smallest score.
func lowest[F tensor.Float](scores []F) int {
	at, best := 0, scores[0]
	for j, v := range scores {
		if v < best {
			at, best = j, v
		}
	}
	return at
}

// up returns a value of F that is at least v.
func up[F tensor.Float](v float64) F { return F(v + math.Abs(v)*0x1p-23) }

// down returns a float32 below v by more than v, the root of a computed squared
// distance, may be off. What float32 does not hold becomes 0, which is below
// any distance.
func down(v float64) float32 {
	if !(v <= math.MaxFloat32) {
		return 0
	}
	return float32(v * (1 - 0x1p-20))
}

// below fills row with bounds from below to the distances of point i.
func (s *screen[F]) below(row []float32, i int) {
	margin := s.margin(s.squares[i])
	if math.IsInf(margin, 1) {
		clear(row)
		return
	}
	square := s.squares[i] - 2*margin
	for k, v := range s.scores.Data[i*len(row) : (i+1)*len(row)] {
		row[k] = down(math.Sqrt(max(0, square+2*float64(v))))
	}
}
