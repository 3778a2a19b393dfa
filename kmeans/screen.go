package kmeans

import (
	"math"
	"slices"
	"unsafe"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Where screening pays: from so many centers and coordinates on; and from so
// many coordinates on in a subspace.
const screenCenters, screenCoordinates, subspaceCoordinates = 16, 8, 128

// screenRows is how many points are scored by one matrix product, scoreTask how
// many of them are one task.
const screenRows, scoreTask = 512, 32

// A screen scores points against all centers by one matrix product, from below:
//
//	score[i, k] ≤ ½(‖x_i − y_k‖² − ‖x_i − o‖²)
//
// The right-hand side is ½‖y − o‖² − (x − o)·(y − o), where the origin o keeps
// the terms from cancelling. In a subspace with coordinates a of x − o, b of
// y − o and remainders of lengths r and s, the product is at most a·b + r·s
// (Cauchy and Schwarz): one coordinate more, and a product of a few dozen terms
// instead of n. margin bounds the rounding, so a score can rule a center out,
// and distances settle the rest.
type screen[F tensor.Float] struct {
	origin []F
	space  *subspace[F] // nil: all coordinates as they are
	width  int          // coordinates, with the remainder as the last in a subspace

	negative *tensor.Tensor[F] // [K, width], of the centers
	half     []F               // [K], ½‖y_k − o‖²
	rest     []F               // [K], the remainders s, 0 without a subspace
	squares  []float64         // [K], ‖y_k − o‖²
	longest  float64           // of the ‖y_k − o‖

	moved   *view[F]          // [K], scratch
	centred *tensor.Tensor[F] // [rows, n], scratch for them
}

// A view is points as a screen sees them.
type view[F tensor.Float] struct {
	coordinates *tensor.Tensor[F] // [rows, width]
	squares     []float64         // [rows], ‖x_i − o‖²
	lengths     []float64         // [rows], ‖x_i − o‖
}

// newScreen returns a screen about the mean of a sample of points, in a subspace
// of width − 1 dimensions if there are many more coordinates. The centers that
// it begins with may be nil; room, of any length, is written to.
func newScreen[F tensor.Float](points, centers *tensor.Tensor[F], k, width int, room []F) *screen[F] {
	m, n := points.Shape[0], points.Shape[1]
	s := &screen[F]{origin: make([]F, n), width: n, half: make([]F, k), rest: make([]F, k), squares: make([]float64, k)}
	sampled := min(m, subspacePoints)
	for i := range sampled {
		simd.AddScaled(s.origin, points.Row(i*m/sampled), 1/F(sampled))
	}
	if n >= subspaceCoordinates {
		s.space, s.width = newSubspace(points, centers, s.origin, width, room), width
	}
	s.negative, s.moved, s.centred = tensor.New[F](k, s.width), newView[F](k, s.width), s.newCentred(k)
	return s
}

func newView[F tensor.Float](rows, width int) *view[F] {
	return &view[F]{tensor.New[F](rows, width), make([]float64, rows), make([]float64, rows)}
}

// newCentred returns scratch for see of so many points, nil where that needs
// none.
func (s *screen[F]) newCentred(points int) *tensor.Tensor[F] {
	if s.space == nil {
		return nil
	}
	return tensor.New[F](min(screenRows, points), len(s.origin))
}

// set takes the centers.
func (s *screen[F]) set(centers *tensor.Tensor[F]) {
	all := make([]int, centers.Shape[0])
	for k := range all {
		all[k] = k
	}
	s.move(centers, all)
}

// move takes the centers that have moved.
func (s *screen[F]) move(centers *tensor.Tensor[F], moved []int) {
	s.see(s.moved, 0, len(moved), s.centred, func(i int) []F { return centers.Row(moved[i]) })
	for i, k := range moved {
		row := s.moved.coordinates.Row(i)
		if s.space != nil {
			s.rest[k] = row[s.width-1]
		}
		simd.Scale(s.negative.Row(k), row, -1)
		s.squares[k] = s.moved.squares[i]
		s.half[k] = F(s.squares[k] / 2)
	}
	s.longest = math.Sqrt(slices.Max(s.squares))
}

// see writes so many points to the rows of the view from first on; scratch is
// that of newCentred.
func (s *screen[F]) see(v *view[F], first, count int, scratch *tensor.Tensor[F], point func(i int) []F) {
	for from := 0; from < count; from += screenRows {
		rows := min(screenRows, count-from)
		at := first + from
		out := v.coordinates.Rows(at, at+rows)
		centred := out
		if s.space != nil {
			centred = scratch.Rows(0, rows)
		}
		s.tasks(rows, func(i int) {
			row := centred.Data[i*len(s.origin) : (i+1)*len(s.origin)]
			simd.Sub(row, point(from+i), s.origin)
			v.squares[at+i] = simd.SumSquares(row)
			v.lengths[at+i] = math.Sqrt(v.squares[at+i])
		})
		if s.space == nil {
			continue
		}
		tensor.MatMul(out, centred, s.space.rows, tensor.Product[F]{TransB: true})
		s.tasks(rows, func(i int) {
			row := out.Data[i*s.width : (i+1)*s.width]
			row[s.width-1] = s.remainder(row[:s.width-1], v.squares[at+i])
		})
	}
}

func (s *screen[F]) tasks(rows int, do func(i int)) {
	parallel.Run(parallel.Blocks(rows, scoreTask), parallel.Func(func(b int) {
		lo, hi := parallel.Span(b, scoreTask, rows)
		for i := lo; i < hi; i++ {
			do(i)
		}
	}))
}

// remainder bounds the length of what the coordinates leave of a point, from
// above.
func (s *screen[F]) remainder(coordinates []F, square float64) F {
	return up[F](math.Sqrt(max(0, square*(1+3*s.space.skew)-simd.SumSquares(coordinates))))
}

// score fills scores [rows, K] for the rows of the view from first on.
func (s *screen[F]) score(scores *tensor.Tensor[F], v *view[F], first int) {
	tensor.MatMul(scores, v.coordinates.Rows(first, first+scores.Shape[0]), s.negative, tensor.Product[F]{TransB: true, Bias: s.half})
}

// turn lays the coordinates of so many points from first on out as columns
// [width, across(rows)], which a product takes as they are. Room holds as many;
// the view has room for three points more than there are.
func (v *view[F]) turn(first, rows int, room []F) {
	width, columns := v.coordinates.Shape[1], v.columns(first, rows)
	copy(room, v.coordinates.Rows(first, first+rows).Data)
	simd.Pack(columns.Data, across(rows), width, room, width, 1, rows, width)
}

// columns are those that turn has laid out.
func (v *view[F]) columns(first, rows int) *tensor.Tensor[F] {
	width, n := v.coordinates.Shape[1], across(rows)
	return tensor.From(v.coordinates.Data[first*width:][:width*n], width, n)
}

// across is how many columns so many points take.
func across(rows int) int { return (rows + 3) &^ 3 }

// scoreColumns fills scores [K, points] for the coordinates of points, which are
// rows or columns.
func (s *screen[F]) scoreColumns(scores, coordinates *tensor.Tensor[F], rows bool) {
	for k, half := range s.half {
		fill(scores.Row(k), half)
	}
	tensor.MatMul(scores, s.negative, coordinates, tensor.Product[F]{TransB: rows, Add: true})
}

func fill[F tensor.Float](row []F, v F) {
	row[0] = v
	for n := 1; n < len(row); n *= 2 {
		copy(row[n:], row[:n])
	}
}

// remainderOf returns the remainder of row i of the view.
func (s *screen[F]) remainderOf(v *view[F], i int) F {
	if s.space == nil {
		return 0
	}
	return v.coordinates.Data[(i+1)*s.width-1]
}

// margin bounds by how much a computed score may exceed what it is to be below,
// with distances as [Nearest] computes them, for a point at ‖x − o‖ = a. It is
// infinite where products may overflow.
//
// With unit roundoff u, A = ‖x − o‖ and B the longest ‖y − o‖: the product of w
// terms is off by at most (w + w/256 + 8)·u·A·B, the coordinates of a subspace
// move it by skew·A·B for each of the two, the rounding of x − o and y − o moves
// a distance by at most u·(A + B), the squares are rounded once more, and
// [Nearest] is off by slack(n)·(A + B)².
func (s *screen[F]) margin(a float64) float64 {
	u, tiny, huge := 0x1p-24, 0x1p-126, 0x1p60
	if unsafe.Sizeof(F(0)) == 8 {
		u, tiny, huge = 0x1p-53, 0x1p-1022, 0x1p500
	}
	b, w := s.longest, float64(s.width)
	if !(a+b < huge) {
		return math.Inf(1)
	}
	relative := (w + w/256 + 8) * u
	if s.space != nil {
		relative += 2.5*s.space.skew + 8*u
	}
	return relative*a*b + (8*u+2*slack(len(s.origin)))*(a*a+b*b) + w*tiny
}

// up returns a value of F that is at least v.
func up[F tensor.Float](v float64) F { return F(v + math.Abs(v)*0x1p-23) }
