package simd

import (
	"unsafe"

	"golang.org/x/sys/cpu"
)

// vectorCounts says that the processor counts the bits of vectors.
func vectorCounts() bool { return active == AVX512 && cpu.X86.HasAVX512VPOPCNTDQ }

func newBitLayout(rows, bits int) bitLayout {
	if active == Portable || vectorCounts() {
		return newTileRows(rows, bits)
	}
	return newLookupRows(rows, bits)
}

func bitDifferences(counts, tiles, row []uint64) {
	if vectorCounts() {
		bitDifferencesAVX512(&counts[0], &tiles[0], &row[0], len(row), len(counts)/bitTile)
		return
	}
	bitDifferencesPortable(counts, tiles, row)
}

func bitDifferencesAtMost(set []uint64, limits []int64, tiles, row []uint64) {
	if vectorCounts() {
		set[len(set)-1] = 0 // where the last tile is half a word
		bitDifferencesAtMostAVX512((*uint32)(unsafe.Pointer(&set[0])), &limits[0], &tiles[0], &row[0], len(row), len(limits)/bitTile)
		return
	}
	bitDifferencesAtMostPortable(set, limits, tiles, row)
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
