package simd

import "math"

// SiLU computes dst[i] = x[i]·sigmoid(x[i]), −0 at −Inf. Error: 3 ulp.
func SiLU[F Float](dst, x []F) {
	run("simd.SiLU", table[F]().silu, streams[F]{dst: dst, a: x, b: dst})
}

// SiLUPull computes dx[i] = dy[i]·s·(1 + x[i]·(1 − s)) with s = sigmoid(x[i]),
// or adds it to dx[i].
func SiLUPull[F Float](dx, x, dy []F, add bool) {
	run("simd.SiLUPull", table[F]().siluPull[index(add)], streams[F]{dst: dx, a: x, b: dy})
}

func siluPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = F(silu(float64(a[i])))
	}
}

// silu multiplies by e^(x/2) twice where e^x is subnormal and x·e^x is not.
// Below −1000 the product is 0 already.
func silu(x float64) float64 {
	if x < -700 {
		x = max(x, -1000)
		h := math.Exp(x / 2)
		return x * h * h
	}
	return x * sigmoid(x)
}

// siluSlope is the derivative of x·sigmoid(x). It is 0 or 1 to the last bit
// where x is held back, and there ±Inf would make ∞·0 of it.
func siluSlope(x float64) float64 {
	x = min(max(x, -800), 800)
	s := sigmoid(x)
	return s * (1 + x*sigmoid(-x))
}

func siluPullPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = b[i] * F(siluSlope(float64(a[i])))
	}
}

func siluPullAddPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(b[i], F(siluSlope(float64(a[i]))), dst[i])
	}
}
