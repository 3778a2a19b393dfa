package simd

func fmaLoop(rounds int) float64 {
	switch active {
	case AVX512:
		fmaLoopAVX512(rounds)
		return float64(rounds) * 24 * 16 * 2
	case AVX2:
		fmaLoopAVX2(rounds)
		return float64(rounds) * 12 * 8 * 2
	}
	return fmaLoopPortable(rounds)
}
