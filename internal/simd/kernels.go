package simd

// kernels holds the inner loops of one element type at one level. Each has a
// portable twin, whose loop is its specification.
type kernels[F Float] struct {
	add, sub, mul, div, addMul     loop[F]
	addScaled, scale, standardise  loop[F]
	abs, sqrt, clamp               loop[F]
	relu, leakyReLU                loop[F]
	exp, log, tanh, sigmoid        loop[F]
	softplus, silu, gelu, geluTanh loop[F]
	ema, heavyBall, adam           loop[F]
	shrinkStep, diagonalStep       loop[F]
	mirror, mirrorStream           loop[F]
	mirrorNext, mirrorNextStream   func(x, y, g, next []F, s [4]F) float64 // 0, or NaN if next is not finite
	scaleNext, scaleStream         loop[F]
	signStep                       loop[F]
	emaStep, heavyBallStep         func(theta, mean, g []F, s [4]F) float64 // 0, or NaN if g is not finite
	reluPull, leakyReLUPull        [2]loop[F]                               // replacing and adding
	tanhPull, sigmoidPull          [2]loop[F]
	softplusPull, siluPull         [2]loop[F]
	geluPull, geluTanhPull         [2]loop[F]
	dot, sum, sumSquares, absSum   fold[F]
	squaredDistance, max, absMax   fold[F]
	sumSquaresQuarters, maxNegated fold[F]
	expSum                         func(dst, x []F, shift F) float64
	sumExp                         func(x []F, shift F) float64
	centredSquares                 func(x []F, mean float64) float64
	addRows                        func(dst, x []F, rows int)
	expRows                        func(dst, x []F, cols int, top []F, sums []float64) // of at most narrow columns
	narrow                         int
}

// A loop reads element i of a and b before it writes element i of dst, so they
// may be the same slices; those that a loop does not use repeat dst. s holds
// its scalars.
type (
	loop[F Float] func(dst, a, b []F, s [4]F)
	fold[F Float] func(a, b []F) float64
)

// The tables, by level. They are filled once, before main.
var (
	kernels32 = [...]kernels[float32]{vector32(Portable), vector32(AVX2), vector32(AVX512)}
	kernels64 = [...]kernels[float64]{vector64(Portable), vector64(AVX2), vector64(AVX512)}
)

// table returns the kernels for F at the active level.
func table[F Float]() *kernels[F] {
	if k, ok := any(&kernels32[active]).(*kernels[F]); ok {
		return k
	}
	return any(&kernels64[active]).(*kernels[F])
}

func portable[F Float]() kernels[F] {
	return kernels[F]{
		add: addPortable[F], sub: subPortable[F], mul: mulPortable[F], div: divPortable[F], addMul: addMulPortable[F],
		addScaled: addScaledPortable[F], scale: scalePortable[F], standardise: standardisePortable[F],
		abs: absPortable[F], sqrt: sqrtPortable[F], clamp: clampPortable[F],
		relu: reluPortable[F], leakyReLU: leakyReLUPortable[F],
		exp: expPortable[F], log: logPortable[F], tanh: tanhPortable[F], sigmoid: sigmoidPortable[F],
		softplus: softplusPortable[F], silu: siluPortable[F], gelu: geluPortable[F], geluTanh: geluTanhPortable[F],
		ema: emaPortable[F], heavyBall: heavyBallPortable[F], adam: adamPortable[F],
		shrinkStep: shrinkStepPortable[F], diagonalStep: diagonalStepPortable[F],
		mirror: mirrorPortable[F], mirrorStream: mirrorPortable[F], mirrorNext: mirrorNextPortable[F], mirrorNextStream: mirrorNextPortable[F], scaleNext: scalePortable[F], scaleStream: scalePortable[F],
		emaStep: emaStepPortable[F], heavyBallStep: heavyBallStepPortable[F],
		reluPull:      [2]loop[F]{reluPullPortable[F], reluPullAddPortable[F]},
		leakyReLUPull: [2]loop[F]{leakyReLUPullPortable[F], leakyReLUPullAddPortable[F]},
		tanhPull:      [2]loop[F]{tanhPullPortable[F], tanhPullAddPortable[F]},
		sigmoidPull:   [2]loop[F]{sigmoidPullPortable[F], sigmoidPullAddPortable[F]},
		softplusPull:  [2]loop[F]{softplusPullPortable[F], softplusPullAddPortable[F]},
		siluPull:      [2]loop[F]{siluPullPortable[F], siluPullAddPortable[F]},
		geluPull:      [2]loop[F]{geluPullPortable[F], geluPullAddPortable[F]},
		geluTanhPull:  [2]loop[F]{geluTanhPullPortable[F], geluTanhPullAddPortable[F]},
		dot:           dotPortable[F], sum: sumPortable[F], sumSquares: sumSquaresPortable[F], sumSquaresQuarters: sumSquaresQuartersPortable[F], absSum: absSumPortable[F],
		squaredDistance: squaredDistancePortable[F], max: maxPortable[F], absMax: absMaxPortable[F], signStep: signStepPortable[F], maxNegated: maxNegatedPortable[F],
		expSum: expSumPortable[F], sumExp: sumExpPortable[F], centredSquares: centredSquaresPortable[F], addRows: addRowsPortable[F],
		expRows: expRowsPortable[F], narrow: narrowPortable,
	}
}
