package simd

import "math"

// Sigmoid computes dst[i] = 1/(1 + e^−x[i]). Neither tail overflows and the
// lower one keeps its relative accuracy down to the subnormals. Error: 2 ulp.
func Sigmoid[F Float](dst, x []F) {
	run("simd.Sigmoid", table[F]().sigmoid, streams[F]{dst: dst, a: x, b: dst})
}

// SigmoidPull computes dx[i] = dy[i]·y[i]·(1 − y[i]) for y = sigmoid x, or adds
// it to dx[i].
func SigmoidPull[F Float](dx, y, dy []F, add bool) {
	run("simd.SigmoidPull", table[F]().sigmoidPull[index(add)], streams[F]{dst: dx, a: y, b: dy})
}

func sigmoidPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = F(sigmoid(float64(a[i])))
	}
}

// sigmoid takes the exponential of −|x| only, which cannot overflow.
func sigmoid(x float64) float64 {
	z := math.Exp(-math.Abs(x))
	if x < 0 {
		return z / (1 + z)
	}
	return 1 / (1 + z)
}

func sigmoidPullPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = b[i] * F(a[i]*(1-a[i]))
	}
}

func sigmoidPullAddPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(b[i], F(a[i]*(1-a[i])), dst[i])
	}
}
