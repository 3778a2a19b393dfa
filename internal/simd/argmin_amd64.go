package simd

import (
	"math"
	"unsafe"
)

// The vector parts of the loops in argmin.go: each does whole vectors of
// float32 and says how far it got.

func roughDistances[F Float](dst, x, y []F) (done int) {
	x32, ok := any(x).([]float32)
	if !ok || active == Portable || len(x) < 16 {
		return 0
	}
	dst32, y32 := any(dst).([]float32), any(y).([]float32)
	if len(dst) < 4 {
		return 0
	}
	n, whole := len(x), len(x)&^15
	for at := 0; at < len(dst); at += 4 {
		if len(dst)-at <= 2 {
			at = len(dst) - 2
			two := (*[2]float32)(dst32[at:])
			if active == AVX512 {
				twoDistancesAVX512(&x32[0], &y32[at*n], 4*n, 4*whole, two)
			} else {
				twoDistancesAVX2(&x32[0], &y32[at*n], 4*n, 4*whole, two)
			}
			roughRest(two[:], x32[whole:], y32[at*n+whole:], n)
			break
		}
		at = min(at, len(dst)-4) // the last four may overlap those before
		four := (*[4]float32)(dst32[at:])
		if active == AVX512 {
			fourDistancesAVX512(&x32[0], &y32[at*n], 4*n, 4*whole, four)
		} else {
			fourDistancesAVX2(&x32[0], &y32[at*n], 4*n, 4*whole, four)
		}
		roughRest(four[:], x32[whole:], y32[at*n+whole:], n)
	}
	return len(dst)
}

// roughRest adds the last squares of rows, so many elements apart.
func roughRest(dst, x, y []float32, stride int) {
	for i, v := range x {
		for k := range dst {
			d := v - y[k*stride+i]
			dst[k] += d * d
		}
	}
}

func argMin[F Float](scores, rest []F, r F) (at int, best F, done int) {
	s, ok := any(scores).([]float32)
	if !ok || active == Portable || len(s) < 16 {
		return 0, F(math.Inf(1)), 0
	}
	q, r32 := any(rest).([]float32), float32(r)
	done = len(s) &^ 15
	if active == AVX512 {
		v := smallestAVX512(&s[0], &q[0], 4*done, r32)
		return max(0, firstEqualAVX512(&s[0], &q[0], 4*done, r32, v)), F(v), done
	}
	v := smallestAVX2(&s[0], &q[0], 4*done, r32)
	return max(0, firstEqualAVX2(&s[0], &q[0], 4*done, r32, v)), F(v), done
}

func countAtMost[F Float](scores []F, limit F) (count, done int) {
	s, ok := any(scores).([]float32)
	if !ok || active == Portable || len(s) < 16 {
		return 0, 0
	}
	done = len(s) &^ 15
	if active == AVX512 {
		return countAtMostAVX512(&s[0], 4*done, float32(limit)), done
	}
	return countAtMostAVX2(&s[0], 4*done, float32(limit)), done
}

func addWide[F Float](sum []float64, x []F, s float64) (done int) {
	x32, ok := any(x).([]float32)
	if !ok || active == Portable || len(x) < 8 {
		return 0
	}
	done = len(x) &^ 7
	if active == AVX512 {
		addWideAVX512(&sum[0], &x32[0], 8*done, s)
	} else {
		addWideAVX2(&sum[0], &x32[0], 8*done, s)
	}
	return done
}

func leastTwo[F Float](at []int32, least, other, scores []F, stride int, rest, reach []F) (done int) {
	s, ok := any(scores).([]float32)
	done = len(reach) &^ 15
	if !ok || active == Portable || done == 0 || len(rest) == 0 {
		return 0
	}
	l, o := any(least).([]float32), any(other).([]float32)
	q, r := any(rest).([]float32), any(reach).([]float32)
	leastTwoAVX2(&at[0], &l[0], &o[0], &s[0], &q[0], &r[0], len(rest), done, 4*stride)
	return done
}

func addRowsWide[F Float](sum []float64, data []F, starts []int) (done int) {
	x, ok := any(data).([]float32)
	n := len(sum)
	whole := n &^ 15
	if !ok || active == Portable || whole == 0 {
		return 0
	}
	for ; done+4 <= len(starts); done += 4 {
		now := (*[4]int)(starts[done:])
		next := now
		if done+8 <= len(starts) {
			next = (*[4]int)(starts[done+4:])
		}
		for _, start := range now {
			_ = x[start : start+n]
		}
		if active == AVX512 {
			addFourWideAVX512(&sum[0], &x[0], now, next, 4*whole)
		} else {
			addFourWideAVX2(&sum[0], &x[0], now, next, 4*whole)
		}
		for i := whole; i < n; i++ {
			for _, start := range now {
				sum[i] += float64(x[start+i])
			}
		}
	}
	return done
}

func fetch[F Float](x []F) {
	fetchLines((*byte)(unsafe.Pointer(&x[0])), len(x)*int(unsafe.Sizeof(x[0])))
}
