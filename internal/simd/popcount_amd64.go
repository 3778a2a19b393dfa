package simd

import "golang.org/x/sys/cpu"

// vectorCounts says that the processor counts the bits of vectors.
func vectorCounts() bool { return active == AVX512 && cpu.X86.HasAVX512VPOPCNTDQ }

func bitDifferences(counts, tiles, row []uint64) {
	if vectorCounts() {
		bitDifferencesAVX512(&counts[0], &tiles[0], &row[0], len(row), len(counts)/BitTile)
		return
	}
	bitDifferencesPortable(counts, tiles, row)
}

func bitDifferencesAtMost(set []uint32, limits []int64, tiles, row []uint64) {
	if vectorCounts() && len(row) > 0 {
		bitDifferencesAtMostAVX512(&set[0], &limits[0], &tiles[0], &row[0], len(row), len(set))
		return
	}
	bitDifferencesAtMostPortable(set, limits, tiles, row)
}

func bitsOf(dst []uint64, x []float32, threshold float32) {
	if active == AVX512 {
		bitsOfAVX512(&dst[0], &x[0], len(dst), threshold)
		return
	}
	bitsOfPortable(dst, x, threshold)
}
