package simd

import "math"

// Softplus computes dst[i] = ln(1 + e^x[i]) as max(x, 0) + ln(1 + e^−|x|),
// which cannot overflow. Error: 2 ulp.
func Softplus[F Float](dst, x []F) {
	run("simd.Softplus", table[F]().softplus, streams[F]{dst: dst, a: x, b: dst})
}

// SoftplusPull computes dx[i] = dy[i]·sigmoid(x[i]), or adds it to dx[i].
func SoftplusPull[F Float](dx, x, dy []F, add bool) {
	run("simd.SoftplusPull", table[F]().softplusPull[index(add)], streams[F]{dst: dx, a: x, b: dy})
}

func softplusPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		x := float64(a[i])
		dst[i] = F(max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))))
	}
}

func softplusPullPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = b[i] * F(sigmoid(float64(a[i])))
	}
}

func softplusPullAddPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(b[i], F(sigmoid(float64(a[i]))), dst[i])
	}
}
