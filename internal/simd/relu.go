package simd

// ReLU computes dst[i] = 0 where x[i] < 0, x[i] elsewhere: NaN stays NaN.
func ReLU[F Float](dst, x []F) {
	run("simd.ReLU", table[F]().relu, streams[F]{dst: dst, a: x, b: dst})
}

// ReLUPull computes dx[i] = 0 where x[i] ≤ 0, dy[i] elsewhere, or adds it to
// dx[i].
func ReLUPull[F Float](dx, x, dy []F, add bool) {
	run("simd.ReLUPull", table[F]().reluPull[index(add)], streams[F]{dst: dx, a: x, b: dy})
}

// LeakyReLU computes dst[i] = slope·x[i] where x[i] ≤ 0, x[i] elsewhere.
func LeakyReLU[F Float](dst, x []F, slope float64) {
	run("simd.LeakyReLU", table[F]().leakyReLU, streams[F]{dst: dst, a: x, b: dst, s: [4]F{F(slope)}})
}

// LeakyReLUPull computes dx[i] = slope·dy[i] where x[i] ≤ 0, dy[i] elsewhere, or
// adds it to dx[i].
func LeakyReLUPull[F Float](dx, x, dy []F, slope float64, add bool) {
	run("simd.LeakyReLUPull", table[F]().leakyReLUPull[index(add)], streams[F]{dst: dx, a: x, b: dy, s: [4]F{F(slope)}})
}

// index chooses between a pull that replaces dx and one that adds to it.
func index(add bool) int {
	if add {
		return 1
	}
	return 0
}

func reluPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = a[i]
		if a[i] < 0 {
			dst[i] = 0
		}
	}
}

func reluPullPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = passed(a[i], b[i])
	}
}

func reluPullAddPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] += passed(a[i], b[i])
	}
}

// passed is what of dy goes back through a ReLU. Where x is NaN, all of it.
func passed[F Float](x, dy F) F {
	if x <= 0 {
		return 0
	}
	return dy
}

func leakyReLUPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = leaked(a[i], a[i], s[0])
	}
}

func leakyReLUPullPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = leaked(a[i], b[i], s[0])
	}
}

func leakyReLUPullAddPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] += leaked(a[i], b[i], s[0])
	}
}

func leaked[F Float](x, dy, slope F) F {
	if x <= 0 {
		return F(slope * dy)
	}
	return dy
}
