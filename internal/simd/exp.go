package simd

import "math"

// Exp computes dst[i] = e^x[i]. Overflow gives +Inf, underflow passes through
// the subnormals to 0. Error: 1 ulp (float64: 2).
func Exp[F Float](dst, x []F) {
	run("simd.Exp", table[F]().exp, streams[F]{dst: dst, a: x, b: dst})
}

// ExpSum computes dst[i] = e^(x[i] − shift) and returns the sum of dst, added
// up in float64. With the maximum of x as the shift no term overflows and the
// sum is at least 1: the two lines of every softmax. It runs on the caller.
func ExpSum[F Float](dst, x []F, shift F) float64 {
	if len(dst) != len(x) {
		panic(lengths("simd.ExpSum", len(dst), len(x)))
	}
	if len(dst) == 0 {
		return 0
	}
	return table[F]().expSum(dst, x, shift)
}

// SumExp returns the sum of e^(x[i] − shift), as [ExpSum] does without keeping
// the terms.
func SumExp[F Float](x []F, shift F) float64 {
	if len(x) == 0 {
		return 0
	}
	return table[F]().sumExp(x, shift)
}

// exp is math.Exp, which on some processors overflows from 709.5 on already,
// where the result still has room to 709.78.
func exp(x float64) float64 {
	if x > 709 {
		half := math.Exp(x / 2)
		return half * half
	}
	return math.Exp(x)
}

func expPortable[F Float](dst, a, b []F, s [4]F) {
	for i := range dst {
		dst[i] = F(exp(float64(a[i])))
	}
}

func expSumPortable[F Float](dst, x []F, shift F) float64 {
	var sums [lanes]float64
	for i := range dst {
		dst[i] = F(math.Exp(float64(x[i] - shift)))
		sums[i%lanes] += float64(dst[i])
	}
	return addLanes(&sums)
}

func sumExpPortable[F Float](x []F, shift F) float64 {
	var sums [lanes]float64
	for i, v := range x {
		sums[i%lanes] += float64(F(math.Exp(float64(v - shift))))
	}
	return addLanes(&sums)
}
