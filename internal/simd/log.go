package simd

import "math"

// Log computes dst[i] = ln x[i]: −Inf at 0, NaN below. Error: 1 ulp.
func Log[F Float](dst, x []F) {
	run("simd.Log", table[F]().log, streams[F]{dst: dst, a: x, b: dst})
}

// log is math.Log, which on some processors takes subnormal numbers for larger
// ones.
func log(x float64) float64 {
	if x > 0 && x < 0x1p-1022 {
		return math.Log(x*0x1p54) - 54*math.Ln2
	}
	return math.Log(x)
}

// LogOf returns ln x of one number, as [Log] does: right for subnormal numbers
// too.
func LogOf(x float64) float64 { return log(x) }

func logPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = F(log(float64(a[i])))
	}
}
