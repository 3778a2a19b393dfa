package kmeans

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/internal/parallel"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// meanColumns is how many coordinates are one task of adding up: no sum depends
// on it.
const meanColumns = 800

// means keeps the sum of the points of each label, in float64 and in the order
// of the points. The points of one label are added up one label after the other,
// so that a sum stays in the first cache.
//
// Where all sums are exact, points that change their label are subtracted from
// one sum and added to another; anywhere else that would round differently from
// adding up anew, which is what is done then.
type means[F tensor.Float] struct {
	points *tensor.Tensor[F]
	sums   []float64 // [K, n]
	counts []int     // [K]
	exact  bool

	come, gone [][]int // [K], of each label where the points that are added and subtracted begin
}

func newMeans[F tensor.Float](points *tensor.Tensor[F], k int) *means[F] {
	return &means[F]{points: points, sums: make([]float64, k*points.Shape[1]), counts: make([]int, k), exact: sumsExactly(points.Data, points.Shape[0])}
}

// set adds up anew.
func (s *means[F]) set(labels []int) {
	s.come = s.byLabel(s.come, labels, nil)
	for k, list := range s.come {
		s.counts[k] = len(list)
	}
	s.each(func(k, lo int, sum []float64) {
		clear(sum)
		simd.AddRowsWide(sum, s.points.Data[lo:], s.come[k])
	})
}

// change moves the points that have changed their label between exact sums.
func (s *means[F]) change(before, after []int) {
	s.come, s.gone = s.byLabel(s.come, after, before), s.byLabel(s.gone, before, after)
	for k := range s.counts {
		s.counts[k] += len(s.come[k]) - len(s.gone[k])
	}
	s.each(func(k, lo int, sum []float64) {
		var room [meanColumns]float64
		lost := room[:len(sum)]
		simd.AddRowsWide(lost, s.points.Data[lo:], s.gone[k])
		simd.AddRowsWide(sum, s.points.Data[lo:], s.come[k])
		for i, v := range lost {
			sum[i] -= v
		}
	})
}

// byLabel lists, in the room of earlier lists, where the points of each label
// begin: of all, or of those whose other label is not the same.
func (s *means[F]) byLabel(lists [][]int, labels, others []int) [][]int {
	sizes, total := make([]int, len(s.counts)), 0
	for i, k := range labels {
		if others == nil || others[i] != k {
			sizes[k]++
			total++
		}
	}
	var room []int
	if lists != nil {
		room = lists[0][:0]
	}
	room = slices.Grow(room, total)[:total]
	lists = make([][]int, len(sizes))
	for k, size := range sizes {
		lists[k], room = room[:0], room[size:]
	}
	for i, k := range labels {
		if others == nil || others[i] != k {
			lists[k] = append(lists[k], i*s.points.Shape[1])
		}
	}
	return lists
}

// each calls do for the sum of each label, so many of its columns at a time;
// they begin at lo.
func (s *means[F]) each(do func(k, lo int, sum []float64)) {
	n := s.points.Shape[1]
	spans := parallel.Blocks(n, meanColumns)
	parallel.Run(len(s.counts)*spans, parallel.Func(func(b int) {
		k := b / spans
		lo, hi := parallel.Span(b%spans, meanColumns, n)
		do(k, lo, s.sums[k*n+lo:k*n+hi])
	}))
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
