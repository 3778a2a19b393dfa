package simd

// Add computes dst[i] = a[i] + b[i]. Here and in every loop of this package:
// the slices have one length (anything else panics), dst may be one of the
// operands, and NaN propagates.
func Add[F Float](dst, a, b []F) {
	run("simd.Add", table[F]().add, streams[F]{dst: dst, a: a, b: b})
}

// Sub computes dst[i] = a[i] − b[i].
func Sub[F Float](dst, a, b []F) {
	run("simd.Sub", table[F]().sub, streams[F]{dst: dst, a: a, b: b})
}

// Mul computes dst[i] = a[i]·b[i].
func Mul[F Float](dst, a, b []F) {
	run("simd.Mul", table[F]().mul, streams[F]{dst: dst, a: a, b: b})
}

// Div computes dst[i] = a[i] / b[i].
func Div[F Float](dst, a, b []F) {
	run("simd.Div", table[F]().div, streams[F]{dst: dst, a: a, b: b})
}

// AddMul computes dst[i] += a[i]·b[i], with one rounding: a fused
// multiply-add.
func AddMul[F Float](dst, a, b []F) {
	run("simd.AddMul", table[F]().addMul, streams[F]{dst: dst, a: a, b: b})
}

// AddScaled computes dst[i] += s·x[i], with one rounding.
func AddScaled[F Float](dst, x []F, s F) {
	run("simd.AddScaled", table[F]().addScaled, streams[F]{dst: dst, a: x, b: dst, s: [4]F{s}})
}

// Scale computes dst[i] = s·x[i].
func Scale[F Float](dst, x []F, s F) {
	run("simd.Scale", table[F]().scale, streams[F]{dst: dst, a: x, b: dst, s: [4]F{s}})
}

// Abs computes dst[i] = |x[i]|.
func Abs[F Float](dst, x []F) {
	run("simd.Abs", table[F]().abs, streams[F]{dst: dst, a: x, b: dst})
}

// Sqrt computes dst[i] = √x[i], correctly rounded; NaN for negative x.
func Sqrt[F Float](dst, x []F) {
	run("simd.Sqrt", table[F]().sqrt, streams[F]{dst: dst, a: x, b: dst})
}

// Clamp computes dst[i] = min(max(x[i], lo), hi), NaN where x[i] is NaN.
func Clamp[F Float](dst, x []F, lo, hi F) {
	run("simd.Clamp", table[F]().clamp, streams[F]{dst: dst, a: x, b: dst, s: [4]F{lo, hi}})
}

// Standardise computes dst[i] = (x[i] − mean)·scale + shift, the last two
// operations with one rounding. The difference comes first, so that a large
// mean does not cancel.
func Standardise[F Float](dst, x []F, mean, scale, shift F) {
	run("simd.Standardise", table[F]().standardise, streams[F]{dst: dst, a: x, b: dst, s: [4]F{mean, scale, shift}})
}
