package simd

import "math"

// Log computes dst[i] = ln x[i]: −Inf at 0, NaN below. Error: 1 ulp.
func Log[F Float](dst, x []F) {
	run("simd.Log", table[F]().log, streams[F]{dst: dst, a: x, b: dst})
}

func logPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = F(math.Log(float64(a[i])))
	}
}
