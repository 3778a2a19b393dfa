package simd

import "fmt"

// BitsOf sets bit i of dst where x[i] ≥ threshold, for as many words as x needs;
// the bits beyond x, and those of NaN, are 0. It runs on the caller.
func BitsOf(dst []uint64, x []float32, threshold float32) {
	if len(dst) != (len(x)+63)/64 {
		panic(fmt.Sprintf("simd.BitsOf: %d words for %d numbers: want %d", len(dst), len(x), (len(x)+63)/64))
	}
	whole := len(x) / 64
	if whole > 0 {
		bitsOf(dst[:whole], x[:64*whole], threshold)
	}
	if whole < len(dst) {
		dst[whole] = wordOf(x[64*whole:], threshold)
	}
}

func bitsOfPortable(dst []uint64, x []float32, threshold float32) {
	for w := range dst {
		dst[w] = wordOf(x[64*w:][:64], threshold)
	}
}

// wordOf has no branch for the processor to guess.
func wordOf(x []float32, threshold float32) uint64 {
	var word uint64
	for i, v := range x {
		var bit uint64
		if v >= threshold {
			bit = 1
		}
		word |= bit << (i & 63)
	}
	return word
}
