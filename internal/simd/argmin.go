package simd

import (
	"fmt"
	"math"
)

//go:generate go -C gen run ./argmin

// RoughDistances computes dst[k] ≈ Σ (x[i] − y[k·n+i])², n = len(x), for each of
// the len(dst) rows of y, in the arithmetic of F. The relative error is at most
// RoughError[F](n) where nothing overflows or is subnormal; the bits differ
// between levels. It runs on the caller.
func RoughDistances[F Float](dst []F, x, y []F) {
	n := len(x)
	if len(y) != len(dst)*n {
		panic(fmt.Sprintf("simd.RoughDistances: %d rows of %d in %d elements: want them to fit", len(dst), n, len(y)))
	}
	done := roughDistances(dst, x, y)
	for k := done; k < len(dst); k++ {
		dst[k] = roughPortable(x, y[k*n:(k+1)*n])
	}
}

// RoughError bounds the relative error of [RoughDistances]: each term is
// rounded three times, and a sum no oftener than it has terms.
func RoughError[F Float](n int) float64 {
	u := 0x1p-53
	if _, ok := any(F(0)).(float32); ok {
		u = 0x1p-24
	}
	return (float64(n) + 8) * u * 1.01
}

func roughPortable[F Float](x, y []F) F {
	var s0, s1, s2, s3 F
	i := 0
	for ; i+4 <= len(x); i += 4 {
		a, b := x[i:i+4:i+4], y[i:i+4:i+4]
		d0, d1, d2, d3 := a[0]-b[0], a[1]-b[1], a[2]-b[2], a[3]-b[3]
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	for ; i < len(x); i++ {
		d := x[i] - y[i]
		s0 += d * d
	}
	return s0 + s1 + (s2 + s3)
}

// ArgMin returns the first index of the least scores[i] + r·rest[i], rounded
// once or twice, 0 if there are none or all are NaN. It runs on the caller.
func ArgMin[F Float](scores, rest []F, r F) int {
	if len(scores) != len(rest) {
		panic(lengths("simd.ArgMin", len(scores), len(rest)))
	}
	at, best, done := argMin(scores, rest, r)
	for i := done; i < len(scores); i++ {
		if v := scores[i] + r*rest[i]; v < best {
			at, best = i, v
		}
	}
	return at
}

// CountAtMost returns how many of the scores are not above limit, and not NaN.
// It runs on the caller.
func CountAtMost[F Float](scores []F, limit F) int {
	count, done := countAtMost(scores, limit)
	for _, v := range scores[done:] {
		if v <= limit {
			count++
		}
	}
	return count
}

// LeastTwo searches the columns of scores [len(rest), len(reach)], whose rows
// begin stride elements apart. For column i, at[i] is the first row k with the
// least scores[k, i] + rest[k]·reach[i], rounded once or twice, least[i] the
// score there, and other[i] the least score of the other rows, +Inf if there is
// none. NaN is passed over. It runs on the caller.
func LeastTwo[F Float](at []int32, least, other, scores []F, stride int, rest, reach []F) {
	rows, columns := len(rest), len(reach)
	if len(at) != columns || len(least) != columns || len(other) != columns || columns > stride || rows > 0 && len(scores) < (rows-1)*stride+columns {
		panic(fmt.Sprintf("simd.LeastTwo: results of %d, %d and %d, scores of %d for %d rows and %d columns, %d apart: want them to fit", len(at), len(least), len(other), len(scores), rows, columns, stride))
	}
	for i := leastTwo(at, least, other, scores, stride, rest, reach); i < columns; i++ {
		best := F(math.Inf(1))
		at[i], least[i], other[i] = 0, best, best
		for k, r := range rest {
			v := scores[k*stride+i]
			if sum := v + r*reach[i]; sum < best {
				at[i], best, least[i], v = int32(k), sum, v, least[i]
			}
			if v < other[i] {
				other[i] = v
			}
		}
	}
}

// AddWide computes sum[i] += s·x[i] in float64, rounded once. It runs on the
// caller.
func AddWide[F Float](sum []float64, x []F, s float64) {
	if len(sum) != len(x) {
		panic(lengths("simd.AddWide", len(sum), len(x)))
	}
	for i := addWide(sum, x, s); i < len(x); i++ {
		sum[i] = math.FMA(s, float64(x[i]), sum[i])
	}
}

// AddRowsWide adds rows of len(sum) elements of data, which begin at starts, to
// sum, one after the other. It runs on the caller.
func AddRowsWide[F Float](sum []float64, data []F, starts []int) {
	for _, start := range starts[addRowsWide(sum, data, starts):] {
		AddWide(sum, data[start:start+len(sum)], 1)
	}
}

// Fetch asks for x to be brought to the first cache, and does not wait for it.
func Fetch[F Float](x []F) {
	if len(x) > 0 {
		fetch(x)
	}
}
