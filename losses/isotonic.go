package losses

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Isotonic is a nondecreasing function: constant on blocks of the line, and
// linear between them.
type Isotonic struct {
	Low, High []float64 // the first and last x of each block
	Value     []float64 // its fitted value, strictly increasing over blocks
	Weight    []float64 // its total weight
}

// FitIsotonic returns the nondecreasing function of x that minimises
// Σ (y_i − f(x_i))², by pooling adjacent violators. For y in {0, 1} the same
// function minimises every proper score, which is what makes it the standard
// of calibration. Points of equal x share one value. x and y are finite.
// Source: Ayer et al. 1955; Dimitriadis, Gneiting and Jordan, PNAS 2021.
func FitIsotonic(x, y []float64) (*Isotonic, error) {
	if len(x) != len(y) || len(x) == 0 {
		return nil, domain.Errorf(domain.ShapeMismatch, "%d points with %d values: want one value for each, and at least one", len(x), len(y))
	}
	for i := range x {
		if bad := x[i] + y[i]; math.IsNaN(bad) || math.IsInf(bad, 0) {
			return nil, domain.Errorf(domain.InvalidParameter, "point %d is (%v, %v): want finite numbers", i, x[i], y[i])
		}
	}
	s := sortPoints(x, y)
	return s.pool(nil), nil
}

// sorted holds points in order of x, so that resamples need not sort again.
type sorted struct {
	x, y  []float64
	order []int // of the points as they came
}

func sortPoints(x, y []float64) sorted {
	s := sorted{order: make([]int, len(x))}
	for i := range s.order {
		s.order[i] = i
	}
	slices.SortStableFunc(s.order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	for _, i := range s.order {
		s.x, s.y = append(s.x, x[i]), append(s.y, y[i])
	}
	return s
}

// pool fits the points with weights in the sorted order; nil stands for ones.
func (s sorted) pool(weights []float64) *Isotonic {
	f := &Isotonic{}
	for i := 0; i < len(s.x); {
		var w, wy float64
		first := s.x[i]
		for ; i < len(s.x) && s.x[i] == first; i++ {
			wi := weightAt(weights, i)
			w += wi
			wy += wi * s.y[i]
		}
		if w == 0 {
			continue
		}
		f.push(first, first, wy/w, w)
		for n := len(f.Value); n > 1 && f.Value[n-2] >= f.Value[n-1]; n = len(f.Value) {
			f.merge()
		}
	}
	return f
}

func (f *Isotonic) push(lo, hi, value, weight float64) {
	f.Low, f.High = append(f.Low, lo), append(f.High, hi)
	f.Value, f.Weight = append(f.Value, value), append(f.Weight, weight)
}

// merge pools the last two blocks.
func (f *Isotonic) merge() {
	n := len(f.Value)
	w := f.Weight[n-2] + f.Weight[n-1]
	lo, hi := f.Low[n-2], f.High[n-1]
	value := f.Value[n-2] + (f.Value[n-1]-f.Value[n-2])*(f.Weight[n-1]/w)
	f.Low, f.High, f.Value, f.Weight = f.Low[:n-2], f.High[:n-2], f.Value[:n-2], f.Weight[:n-2]
	f.push(lo, hi, value, w)
}

// At returns f(x). Outside the blocks it is the value of the nearest.
func (f *Isotonic) At(x float64) float64 {
	b := sort.SearchFloat64s(f.High, x) // the first block that ends at x or later
	switch {
	case b == len(f.High):
		return f.Value[b-1]
	case b == 0 || x >= f.Low[b]:
		return f.Value[b]
	}
	t := (x - f.High[b-1]) / (f.Low[b] - f.High[b-1])
	return f.Value[b-1] + t*(f.Value[b]-f.Value[b-1])
}
