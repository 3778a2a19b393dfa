package simd

import "math"

// AddRows adds each row of x, a matrix [rows, len(dst)], to dst, from first to
// last. It runs on the caller.
func AddRows[F Float](dst, x []F) {
	if len(dst) == 0 || len(x)%len(dst) != 0 {
		panic(lengths("simd.AddRows", len(dst), len(x)))
	}
	if rows := len(x) / len(dst); rows > 0 {
		table[F]().addRows(dst, x, rows)
	}
}

func addRowsPortable[F Float](dst, x []F, rows int) {
	for r := range rows {
		for c, v := range x[r*len(dst) : (r+1)*len(dst)] {
			dst[c] += v
		}
	}
}

// ExpRows computes, for each row r of x, a matrix [rows, cols], its maximum
// top[r], dst[r, c] = e^(x[r, c] − top[r]) and their sum sums[r], in float64:
// all of a softmax but the division. dst may be x. Where a row holds NaN, so
// does its sum; its maximum may be any element. It runs on the caller.
func ExpRows[F Float](dst, x []F, cols int, top []F, sums []float64) {
	if len(dst) != len(x) || len(top) != len(sums) || len(x) != cols*len(sums) {
		panic(lengths("simd.ExpRows", len(dst), len(x), len(top), len(sums)))
	}
	k := table[F]()
	if cols > 0 && cols <= k.narrow {
		if len(sums) > 0 {
			k.expRows(dst, x, cols, top, sums)
		}
		return
	}
	for r := range sums {
		row := x[r*cols : (r+1)*cols]
		top[r] = Max(row)
		sums[r] = ExpSum(dst[r*cols:(r+1)*cols], row, top[r])
	}
}

// narrowPortable is as wide as the widest vector.
const narrowPortable = 16

func expRowsPortable[F Float](dst, x []F, cols int, top []F, sums []float64) {
	for r := range sums {
		row := x[r*cols : (r+1)*cols]
		top[r] = F(math.Inf(-1))
		for _, v := range row {
			if v > top[r] {
				top[r] = v
			}
		}
		sums[r] = expSumPortable(dst[r*cols:(r+1)*cols], row, top[r])
	}
}
