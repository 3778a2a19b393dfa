package simd

// ReLU computes dst[i] = max(x[i], 0): NaN stays NaN, and −0 becomes +0.
func ReLU[F Float](dst, x []F) {
	run("simd.ReLU", table[F]().relu, streams[F]{dst: dst, a: x, b: dst})
}

// ReLUPull computes dx[i] = dy[i] where x[i] > 0 or x[i] is NaN, 0 elsewhere,
// or adds it to dx[i].
func ReLUPull[F Float](dx, x, dy []F, add bool) {
	run("simd.ReLUPull", table[F]().reluPull[index(add)], streams[F]{dst: dx, a: x, b: dy})
}

// LeakyReLU computes dst[i] = x[i] where x[i] > 0, slope·x[i] elsewhere.
func LeakyReLU[F Float](dst, x []F, slope float64) {
	run("simd.LeakyReLU", table[F]().leakyReLU, streams[F]{dst: dst, a: x, b: dst, s: [4]F{F(slope)}})
}

// LeakyReLUPull computes dx[i] = dy[i] where x[i] > 0, slope·dy[i] elsewhere,
// or adds it to dx[i].
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

func reluPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = max(v.a[i], 0)
	}
}

func reluPullPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = passed(v.a[i], v.b[i])
	}
}

func reluPullAddPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] += passed(v.a[i], v.b[i])
	}
}

// passed is what of dy goes back through a ReLU. Where x is NaN, all of it.
func passed[F Float](x, dy F) F {
	if x <= 0 {
		return 0
	}
	return dy
}

func leakyReLUPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = leaked(v.a[i], v.a[i], v.s[0])
	}
}

func leakyReLUPullPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] = leaked(v.a[i], v.b[i], v.s[0])
	}
}

func leakyReLUPullAddPortable[F Float](v streams[F]) {
	for i := range v.dst {
		v.dst[i] += leaked(v.a[i], v.b[i], v.s[0])
	}
}

func leaked[F Float](x, dy, slope F) F {
	if x <= 0 {
		return F(slope * dy)
	}
	return dy
}
