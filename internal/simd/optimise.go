package simd

import "math"

// The loops of the optimisers: each passes once through memory. Factors come
// in float64 and are rounded to F once.

// EMA computes m[i] = (1−q)·m[i] + q·g[i], the exponential moving average of
// gradients.
func EMA[F Float](m, g []F, q float64) {
	run("simd.EMA", table[F]().ema, streams[F]{dst: m, a: g, b: m, s: [4]F{F(q), F(1 - q)}})
}

// HeavyBall computes v[i] = mu·v[i] + g[i]. Source: Polyak 1964.
func HeavyBall[F Float](v, g []F, mu float64) {
	run("simd.HeavyBall", table[F]().heavyBall, streams[F]{dst: v, a: g, b: v, s: [4]F{F(mu)}})
}

// AdamMoments computes m[i] = beta1·m[i] + (1−beta1)·g[i] and
// v[i] = beta2·v[i] + (1−beta2)·g[i]². Source: Kingma and Ba 2014.
func AdamMoments[F Float](m, v, g []F, beta1, beta2 float64) {
	run("simd.AdamMoments", table[F]().adam, streams[F]{dst: m, a: v, b: g, s: [4]F{F(beta1), F(1 - beta1), F(beta2), F(1 - beta2)}})
}

// ShrinkStep computes theta[i] = shrink·(theta[i] − eps·m[i]), the exact step
// of a quadratic penalty.
func ShrinkStep[F Float](theta, m []F, eps, shrink float64) {
	run("simd.ShrinkStep", table[F]().shrinkStep, streams[F]{dst: theta, a: m, b: theta, s: [4]F{F(-eps), F(shrink)}})
}

// EMAStep is [EMA] of m and g, and [ShrinkStep] of theta along m, in one pass.
// Where g is not finite, theta and m stay as they are; it reports whether all
// of g is finite. It runs on the caller.
func EMAStep[F Float](theta, m, g []F, q, eps, shrink float64) (finite bool) {
	return averageStep("simd.EMAStep", table[F]().emaStep, theta, m, g, [4]F{F(q), F(1 - q), F(-eps), F(shrink)})
}

// HeavyBallStep is [HeavyBall] of v and g, and [ShrinkStep] of theta along v,
// like [EMAStep].
func HeavyBallStep[F Float](theta, v, g []F, mu, eps, shrink float64) (finite bool) {
	return averageStep("simd.HeavyBallStep", table[F]().heavyBallStep, theta, v, g, [4]F{F(mu), F(-eps), F(shrink)})
}

func averageStep[F Float](op string, step func(theta, mean, g []F, s [4]F) float64, theta, mean, g []F, s [4]F) bool {
	if len(mean) != len(theta) || len(g) != len(theta) {
		panic(lengths(op, len(theta), len(mean), len(g)))
	}
	return step(theta, mean, g, s) == 0
}

// SignStep computes dst[i] = a[i] + step·sign(b[i]), held in [lo, hi]; the sign
// of NaN is 0. Source: docs/linearised-attack.md.
func SignStep[F Float](dst, a, b []F, step, lo, hi F) {
	run("simd.SignStep", table[F]().signStep, streams[F]{dst: dst, a: a, b: b, s: [4]F{step, lo, hi}})
}

// DiagonalStep computes theta[i] −= eps·m[i] / (√(scale·v[i]) + delta). Adam's
// bias corrections go into eps and scale.
func DiagonalStep[F Float](theta, m, v []F, eps, scale, delta float64) {
	run("simd.DiagonalStep", table[F]().diagonalStep, streams[F]{dst: theta, a: m, b: v, s: [4]F{F(-eps), F(scale), F(delta)}})
}

// MirrorSigmoid computes y[i] −= eps·g[i] and x[i] = sigmoid(y[i]): the mirror
// descent step on (0, 1) with logits y. Source: docs/mirror-descent.md.
func MirrorSigmoid[F Float](x, y, g []F, eps float64) {
	run("simd.MirrorSigmoid", table[F]().mirror, streams[F]{dst: x, a: y, b: g, s: [4]F{F(-eps)}})
}

// MirrorSigmoidStream is [MirrorSigmoid] that writes x past the caches, if it
// begins at a multiple of 32 bytes.
func MirrorSigmoidStream[F Float](x, y, g []F, eps float64) {
	k := table[F]()
	run("simd.MirrorSigmoidStream", streaming(x, k.mirrorStream, k.mirror), streams[F]{dst: x, a: y, b: g, s: [4]F{F(-eps)}})
}

// MirrorSigmoidNext is [MirrorSigmoid] that leaves y and writes the new logits to
// next, apart from the others, and reports whether all of next is finite. It
// writes both x and next past the caches if it is told to and they begin at
// multiples of 32 bytes and at different places of their pages. It runs on the
// caller, and panics unless all have the length of x.
func MirrorSigmoidNext[F Float](x, next, y, g []F, eps float64, past bool) (finite bool) {
	for _, other := range [3][]F{next, y, g} {
		if len(other) != len(x) {
			panic(lengths("simd.MirrorSigmoidNext", len(x), len(other)))
		}
	}
	loop := table[F]().mirrorNext
	if past && !unaligned(x) && !unaligned(next) && !pagesAlike(x, next) {
		loop = table[F]().mirrorNextStream
	}
	return loop(x, y, g, next, [4]F{F(-eps)}) == 0
}

func emaPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(s[0], a[i], F(s[1]*dst[i]))
	}
}

func heavyBallPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = fma(s[0], dst[i], a[i])
	}
}

func adamPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		g := b[i]
		dst[i] = fma(s[0], dst[i], F(s[1]*g))
		a[i] = fma(s[2], a[i], F(s[3]*F(g*g)))
	}
}

func emaStepPortable[F Float](theta, m, g []F, s [4]F) float64 {
	sum := F(0)
	for i, g := range g {
		zero := g - g
		if sum += zero; zero != 0 {
			continue // it is not finite
		}
		m[i] = fma(s[0], g, F(s[1]*m[i]))
		theta[i] = s[3] * fma(s[2], m[i], theta[i])
	}
	return float64(sum)
}

func heavyBallStepPortable[F Float](theta, v, g []F, s [4]F) float64 {
	sum := F(0)
	for i, g := range g {
		zero := g - g
		if sum += zero; zero != 0 {
			continue
		}
		v[i] = fma(s[0], v[i], g)
		theta[i] = s[2] * fma(s[1], v[i], theta[i])
	}
	return float64(sum)
}

func signStepPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		sign := F(0)
		switch g := b[i]; {
		case g > 0:
			sign = 1
		case g < 0:
			sign = -1
		}
		dst[i] = fma(s[0], sign, a[i])
	}
	clampPortable(dst, dst, b, [4]F{s[1], s[2]})
}

func shrinkStepPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = s[1] * fma(s[0], a[i], dst[i])
	}
}

func diagonalStepPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		root := F(math.Sqrt(float64(F(s[1] * b[i]))))
		dst[i] += F(s[0]*a[i]) / (root + s[2])
	}
}

func mirrorPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		a[i] = fma(s[0], b[i], a[i])
		dst[i] = F(sigmoid(float64(a[i])))
	}
}

func mirrorNextPortable[F Float](x, y, g, next []F, s [4]F) float64 {
	copy(next, y)
	mirrorPortable(x, next, g, s)
	sum := 0.0
	for _, y := range next {
		sum += float64(y - y)
	}
	return sum
}
