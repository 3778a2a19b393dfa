package simd

import "math"

// Tanh computes dst[i] = tanh x[i]. Error: 2 ulp.
func Tanh[F Float](dst, x []F) {
	run("simd.Tanh", table[F]().tanh, streams[F]{dst: dst, a: x, b: dst})
}

// TanhPull computes dx[i] = dy[i]·(1 − y[i]²) for y = tanh x, or adds it to
// dx[i].
func TanhPull[F Float](dx, y, dy []F, add bool) {
	run("simd.TanhPull", table[F]().tanhPull[index(add)], streams[F]{dst: dx, a: y, b: dy})
}

func tanhPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = F(math.Tanh(float64(a[i])))
	}
}

func tanhPullPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = b[i] * fma(-a[i], a[i], 1)
	}
}

func tanhPullAddPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(b[i], fma(-a[i], a[i], 1), dst[i])
	}
}
