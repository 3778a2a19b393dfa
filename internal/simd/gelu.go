package simd

import "math"

// GELU computes dst[i] = x[i]·Φ(x[i]) for the normal distribution function Φ,
// −0 at −Inf. The lower tail keeps its relative accuracy. Error: 7 ulp
// in the tail.
// Source: Hendrycks and Gimpel 2016.
func GELU[F Float](dst, x []F) {
	run("simd.GELU", table[F]().gelu, streams[F]{dst: dst, a: x, b: dst})
}

// GELUPull computes dx[i] = dy[i]·(Φ(x[i]) + x[i]·φ(x[i])), φ the normal
// density, or adds it to dx[i].
func GELUPull[F Float](dx, x, dy []F, add bool) {
	run("simd.GELUPull", table[F]().geluPull[index(add)], streams[F]{dst: dx, a: x, b: dy})
}

// GELUTanh computes the approximation of GELU with a hyperbolic tangent,
// dst[i] = x[i]·(1 + tanh u)/2 with u = √(2/π)·(x[i] + 0.044715·x[i]³), −0 at
// −Inf. It is evaluated as x[i]·sigmoid(2u), which does not cancel. Error:
// 4 ulp for x > 0, and 3|u| ulp more below.
func GELUTanh[F Float](dst, x []F) {
	run("simd.GELUTanh", table[F]().geluTanh, streams[F]{dst: dst, a: x, b: dst})
}

// GELUTanhPull computes dx[i] = dy[i]·s·(1 + 2x[i]·(1 − s)·u′) with
// s = sigmoid(2u) and u as in [GELUTanh], or adds it to dx[i].
func GELUTanhPull[F Float](dx, x, dy []F, add bool) {
	run("simd.GELUTanhPull", table[F]().geluTanhPull[index(add)], streams[F]{dst: dx, a: x, b: dy})
}

// Beyond this |x| each of the functions below is constant to the last bit of a
// float64, or is 0 there; held back, ±Inf gives no ∞·0.
const geluFar = 40

// normalCDF corrects for the rounding of x/√2, which in the tail would be
// magnified x²-fold.
func normalCDF(x float64) float64 {
	const sqrt2Low = -9.6672933134529135e-17 // √2 − math.Sqrt2 as a float64
	y := -x / math.Sqrt2
	if math.Abs(y) > geluFar {
		return 0.5 * math.Erfc(y)
	}
	missing := (math.FMA(-y, math.Sqrt2, -x) - y*sqrt2Low) / math.Sqrt2
	return 0.5 * (math.Erfc(y) - 2/sqrtPi*math.Exp(-y*y)*missing)
}

func geluPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		x := float64(a[i])
		dst[i] = F(max(x, -geluFar) * normalCDF(x))
	}
}

func geluSlope(x float64) float64 {
	x = min(max(x, -geluFar), geluFar)
	return normalCDF(x) + x*math.Exp(-0.5*x*x)/math.Sqrt(2*math.Pi)
}

func geluPullPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = b[i] * F(geluSlope(float64(a[i])))
	}
}

func geluPullAddPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(b[i], F(geluSlope(float64(a[i]))), dst[i])
	}
}

const (
	sqrtPi    = 1.77245385090551602729816748334114518
	geluCubic = 0.044715
	geluGain  = 2 * math.Sqrt2 / sqrtPi // 2√(2/π): tanh u is 2·sigmoid(2u) − 1
)

func geluTanhPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		x := max(float64(a[i]), -geluFar)
		near := min(x, geluFar)
		dst[i] = F(x * sigmoid(geluGain*(near+geluCubic*near*near*near)))
	}
}

func geluTanhSlope(x float64) float64 {
	x = min(max(x, -geluFar), geluFar)
	u2 := geluGain * (x + geluCubic*x*x*x)
	return sigmoid(u2) * (1 + x*sigmoid(-u2)*geluGain*(1+3*geluCubic*x*x))
}

func geluTanhPullPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = b[i] * F(geluTanhSlope(float64(a[i])))
	}
}

func geluTanhPullAddPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(b[i], F(geluTanhSlope(float64(a[i]))), dst[i])
	}
}
