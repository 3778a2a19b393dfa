//go:build !amd64

package simd

func newBitLayout(rows, bits int) bitLayout { return newTileRows(rows, bits) }

func bitDifferences(counts, tiles, row []uint64) { bitDifferencesPortable(counts, tiles, row) }

func bitDifferencesAtMost(set []uint64, limits []int64, tiles, row []uint64) {
	bitDifferencesAtMostPortable(set, limits, tiles, row)
}

func bitsOf(dst []uint64, x []float32, threshold float32) { bitsOfPortable(dst, x, threshold) }
