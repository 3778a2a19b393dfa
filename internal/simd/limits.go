package simd

// FMALoop runs independent float32 multiply-adds in registers, for measuring
// the peak that kernels are held against, and returns how many floating-point
// operations it did (two for each multiply-add). rounds is at least 1.
func FMALoop(rounds int) (operations float64) {
	if rounds < 1 {
		panic("simd.FMALoop: want at least one round")
	}
	return fmaLoop(rounds)
}

// fmaLoopPortable is the loop for processors that no assembly was written for.
// It does one multiply and one add a lane, which compilers may or may not fuse.
func fmaLoopPortable(rounds int) float64 {
	var sums [8]float32
	for range rounds {
		for i := range sums {
			sums[i] += sums[i] * 0.5
		}
	}
	var total float32
	for _, s := range sums {
		total += s
	}
	return float64(2*rounds*len(sums)) + float64(total)
}
