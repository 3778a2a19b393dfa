package simd

import "math"

// The folds add in float64, whatever F is. Element i of a block of 2^15 goes to
// lane i mod 32, the lanes of a block are added in the order of addLanes, the
// blocks from first to last: the same bits at every level, on any number of
// processors. [SumSquares] takes the quarters of a long block in turn. The
// relative error of a sum of n terms of one sign is at most about (n/32)·2^−53,
// in fact far less.

// Dot returns Σ a[i]·b[i].
func Dot[F Float](a, b []F) float64 {
	return foldSum("simd.Dot", folder[F]{alone: table[F]().dot}, a, b)
}

// Sum returns Σ x[i].
func Sum[F Float](x []F) float64 { return foldSum("simd.Sum", folder[F]{alone: table[F]().sum}, x, x) }

// SumSquares returns Σ x[i]². For float64 it may overflow where [Norm] does
// not.
func SumSquares[F Float](x []F) float64 {
	k := table[F]()
	return foldSum("simd.SumSquares", folder[F]{k.sumSquares, k.sumSquaresQuarters}, x, x)
}

// AbsSum returns Σ |x[i]|.
func AbsSum[F Float](x []F) float64 {
	return foldSum("simd.AbsSum", folder[F]{alone: table[F]().absSum}, x, x)
}

// SquaredDistance returns Σ (a[i] − b[i])². The differences are taken first, in
// float64, so that near points do not cancel.
func SquaredDistance[F Float](a, b []F) float64 {
	return foldSum("simd.SquaredDistance", folder[F]{alone: table[F]().squaredDistance}, a, b)
}

// CentredSquares returns Σ (x[i] − mean)², the second pass of a variance. It
// runs on the caller.
func CentredSquares[F Float](x []F, mean float64) float64 {
	if len(x) == 0 {
		return 0
	}
	return table[F]().centredSquares(x, mean)
}

// Norm returns √Σ x[i]², which overflows only if the result does: where the sum
// of squares would leave the range of float64, x is divided by its largest
// magnitude first.
func Norm[F Float](x []F) float64 {
	s := SumSquares(x)
	// Above the lower bound, squares that underflowed do not matter.
	if s > 1e-280 && s <= math.MaxFloat64 {
		return math.Sqrt(s)
	}
	m := float64(AbsMax(x))
	if !(m > 0 && m <= math.MaxFloat64) { // also NaN
		return m
	}
	s = 0
	for _, v := range x {
		r := float64(v) / m
		s += r * r
	}
	return m * math.Sqrt(s)
}

// lanes is the number of partial sums of a fold.
const lanes = 32

// addLanes halves the lanes until one is left: lane i takes lane i+16, then
// i+8, i+4, i+2, i+1. Vector registers add up that way.
func addLanes(lanes *[lanes]float64) float64 {
	for n := len(lanes) / 2; n > 0; n /= 2 {
		for i := range n {
			lanes[i] += lanes[i+n]
		}
	}
	return lanes[0]
}

func dotPortable[F Float](a, b []F) float64 {
	var sums [lanes]float64
	for i := range a {
		sums[i%lanes] = math.FMA(float64(a[i]), float64(b[i]), sums[i%lanes])
	}
	return addLanes(&sums)
}

func sumPortable[F Float](a, _ []F) float64 {
	var sums [lanes]float64
	for i := range a {
		sums[i%lanes] += float64(a[i])
	}
	return addLanes(&sums)
}

func sumSquaresPortable[F Float](a, _ []F) float64 { return dotPortable(a, a) }

func sumSquaresQuartersPortable[F Float](a, _ []F) float64 {
	var sums [lanes]float64
	n := len(a) / 4
	for i := range n {
		for q := range 4 {
			v := float64(a[q*n+i])
			sums[i%lanes] = math.FMA(v, v, sums[i%lanes])
		}
	}
	return addLanes(&sums)
}

func absSumPortable[F Float](a, _ []F) float64 {
	var sums [lanes]float64
	for i := range a {
		sums[i%lanes] += math.Abs(float64(a[i]))
	}
	return addLanes(&sums)
}

func squaredDistancePortable[F Float](a, b []F) float64 {
	var sums [lanes]float64
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		sums[i%lanes] = math.FMA(d, d, sums[i%lanes])
	}
	return addLanes(&sums)
}

func centredSquaresPortable[F Float](x []F, mean float64) float64 {
	var sums [lanes]float64
	for i, v := range x {
		d := float64(v) - mean
		sums[i%lanes] = math.FMA(d, d, sums[i%lanes])
	}
	return addLanes(&sums)
}
