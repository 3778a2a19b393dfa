package simd

import "math"

// Max returns the largest element of x, NaN if any element is NaN, −Inf if
// there are none.
func Max[F Float](x []F) F { return foldMax(table[F]().max, x) }

// Min returns the smallest element of x, NaN if any element is NaN, +Inf if
// there are none.
func Min[F Float](x []F) F { return -foldMax(table[F]().maxNegated, x) }

// AbsMax returns the largest |x[i]|, NaN if any element is NaN, 0 if there are
// none.
func AbsMax[F Float](x []F) F { return max(foldMax(table[F]().absMax, x), 0) }

// Finite reports whether no element of x is NaN or infinite.
func Finite[F Float](x []F) bool {
	// Squares read memory faster; they may overflow where x does not.
	return SumSquares(x) <= math.MaxFloat64 || float64(AbsMax(x)) <= math.MaxFloat64
}

// ArgMax returns the lowest index of the largest element of x, the index of the
// first NaN if there is one, −1 if x is empty.
func ArgMax[F Float](x []F) int {
	m := Max(x)
	for i, v := range x {
		if v == m || v != v {
			return i
		}
	}
	return -1
}

func maxPortable[F Float](a, _ []F) float64 {
	m := a[0]
	for _, v := range a {
		m = max(m, v)
	}
	return float64(m)
}

func maxNegatedPortable[F Float](a, _ []F) float64 {
	m := -a[0]
	for _, v := range a {
		m = max(m, -v)
	}
	return float64(m)
}

func absMaxPortable[F Float](a, _ []F) float64 {
	m := 0.0
	for _, v := range a {
		m = max(m, math.Abs(float64(v)))
	}
	return m
}
