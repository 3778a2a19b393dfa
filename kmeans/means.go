package kmeans

import (
	"math"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// meanColumns is how many coordinates are one task of adding up: no sum depends
// on it.
const meanColumns = 400

// means keeps the sum of the points of each label, in float64 and in the order
// of the points.
//
// Where all sums are exact, points that change their label are subtracted from
// one sum and added to another; anywhere else that would round differently from
// adding up anew, which is what is done then.
type means[F tensor.Float] struct {
	points *tensor.Tensor[F]
	sums   []float64 // [K, n]
	counts []int     // [K]
	exact  bool
}

// move is a point that goes from one label to another; a point that had none
// comes from −1.
type move struct{ point, from, to int }

func newMeans[F tensor.Float](points *tensor.Tensor[F], k int) *means[F] {
	return &means[F]{points: points, sums: make([]float64, k*points.Shape[1]), counts: make([]int, k), exact: sumsExactly(points.Data, points.Shape[0])}
}

// set adds up anew.
func (s *means[F]) set(labels []int) {
	clear(s.counts)
	for _, k := range labels {
		s.counts[k]++
	}
	s.columns(func(lo, hi int) {
		n := s.points.Shape[1]
		for k := range s.counts {
			clear(s.sums[k*n+lo : k*n+hi])
		}
		for i, k := range labels {
			simd.AddWide(s.sums[k*n+lo:k*n+hi], s.points.Data[i*n+lo:i*n+hi], 1)
		}
	})
}

// apply moves points between sums.
func (s *means[F]) apply(moves []move) {
	for _, c := range moves {
		s.counts[c.from]--
		s.counts[c.to]++
	}
	s.columns(func(lo, hi int) {
		n := s.points.Shape[1]
		for _, c := range moves {
			x := s.points.Data[c.point*n+lo : c.point*n+hi]
			simd.AddWide(s.sums[c.from*n+lo:c.from*n+hi], x, -1)
			simd.AddWide(s.sums[c.to*n+lo:c.to*n+hi], x, 1)
		}
	})
}

// center writes the mean of label k to y and reports whether there is one.
func (s *means[F]) center(y []F, k int) bool {
	if s.counts[k] == 0 {
		return false
	}
	for i, v := range s.sums[k*len(y) : (k+1)*len(y)] {
		y[i] = F(v / float64(s.counts[k]))
	}
	return true
}

func (s *means[F]) columns(do func(lo, hi int)) {
	n := s.points.Shape[1]
	parallel.Run(parallel.Blocks(n, meanColumns), parallel.Func(func(b int) { do(parallel.Span(b, meanColumns, n)) }))
}

// sumsExactly reports whether any m of the values, added up in any order in
// float64, are bound to give their exact sum: whether m times the largest still
// counts in units of the last bit of the smallest. Pixels do; it is never said
// of float64.
func sumsExactly[F tensor.Float](data []F, m int) bool {
	x, ok := any(data).([]float32)
	if !ok {
		return false
	}
	smallest, largest := simd.Magnitudes(x)
	exponents := int(largest>>23) - int(smallest>>23)
	return largest < 0x7f800000 && exponents+24+1+int(math.Ceil(math.Log2(float64(max(m, 1))))) <= 53
}
