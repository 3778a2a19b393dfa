package simd

import "golang.org/x/sys/cpu"

// vectorCounts says that the processor counts the bits of vectors.
func vectorCounts() bool { return active == AVX512 && cpu.X86.HasAVX512VPOPCNTDQ }

func bitDifferences(counts, tiles, row []uint64) {
	switch {
	case vectorCounts():
		bitDifferencesAVX512(&counts[0], &tiles[0], &row[0], len(row), len(counts)/BitTile)
	case active != Portable:
		bitDifferencesAVX2(&counts[0], &tiles[0], &row[0], len(row), len(counts)/BitTile)
	default:
		bitDifferencesPortable(counts, tiles, row)
	}
}

func bitDifferencesAtMost(set []uint32, limits []int64, tiles, row []uint64) {
	switch {
	case len(row) == 0 || active == Portable:
		bitDifferencesAtMostPortable(set, limits, tiles, row)
	case vectorCounts():
		bitDifferencesAtMostAVX512(&set[0], &limits[0], &tiles[0], &row[0], len(row), len(set))
	default:
		bitDifferencesAtMostAVX2(&set[0], &limits[0], &tiles[0], &row[0], len(row), len(set))
	}
}

func bitsOf(dst []uint64, x []float32, threshold float32) {
	switch active {
	case AVX512:
		bitsOfAVX512(&dst[0], &x[0], len(dst), threshold)
	case AVX2:
		bitsOfAVX2(&dst[0], &x[0], len(dst), threshold)
	default:
		bitsOfPortable(dst, x, threshold)
	}
}
