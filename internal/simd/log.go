package simd

import "math"

// Log computes dst[i] = ln x[i]: −Inf at 0, NaN below. Error: 1 ulp.
func Log[F Float](dst, x []F) {
	run("simd.Log", table[F]().log, streams[F]{dst: dst, a: x, b: dst})
}

func logPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = F(math.Log(float64(v.a[i])))
	}
}
