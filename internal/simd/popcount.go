package simd

import (
	"fmt"
	"math/bits"
)

//go:generate go -C gen run ./popcount

// BitTile is how many rows of bits stand side by side in a tile: word k of row
// 32·t + j of a table of rows of words is at tiles[32·(words·t + k) + j].
const BitTile = 32

// BitDifferences computes counts[r] = how many bits of row r of the tiles differ
// from row, for all len(counts) rows, a multiple of [BitTile]. With bits for the
// signs of n numbers ±1 (and the same bits beyond them) the inner product is
// n − 2·counts[r]. It runs on the caller.
func BitDifferences(counts, tiles, row []uint64) {
	checkTiles("simd.BitDifferences", len(counts), len(tiles), len(row))
	if len(counts) == 0 || len(row) == 0 {
		clear(counts)
		return
	}
	bitDifferences(counts, tiles, row)
}

// BitDifferencesAtMost sets bit j of set[t] where row 32·t + j of the tiles
// differs from row in at most limits[32·t+j] bits: a layer and its threshold in
// one. A limit of −1 is never kept. It runs on the caller.
func BitDifferencesAtMost(set []uint32, limits []int64, tiles, row []uint64) {
	checkTiles("simd.BitDifferencesAtMost", len(limits), len(tiles), len(row))
	if len(set)*BitTile != len(limits) {
		panic(fmt.Sprintf("simd.BitDifferencesAtMost: %d limits for %d words of %d bits: want one for each bit", len(limits), len(set), BitTile))
	}
	if len(set) == 0 {
		return
	}
	bitDifferencesAtMost(set, limits, tiles, row)
}

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
		dst[whole] = 0
		for i, v := range x[64*whole:] {
			if v >= threshold {
				dst[whole] |= 1 << i
			}
		}
	}
}

func checkTiles(op string, rows, tiles, words int) {
	if rows%BitTile != 0 || tiles != rows*words {
		panic(fmt.Sprintf("%s: %d rows of %d words in tiles of %d: want rows in multiples of %d that fill them", op, rows, words, tiles, BitTile))
	}
}

func bitDifferencesPortable(counts, tiles, row []uint64) {
	for t := 0; t < len(counts); t += BitTile {
		sums := counts[t : t+BitTile]
		clear(sums)
		for k, word := range row {
			lane := tiles[(t*len(row) + k*BitTile):][:BitTile]
			for j, b := range lane {
				sums[j] += uint64(bits.OnesCount64(b ^ word))
			}
		}
	}
}

func bitDifferencesAtMostPortable(set []uint32, limits []int64, tiles, row []uint64) {
	var counts [BitTile]uint64
	for t := range set {
		bitDifferencesPortable(counts[:], tiles[t*BitTile*len(row):][:BitTile*len(row)], row)
		set[t] = 0
		for j, limit := range limits[t*BitTile:][:BitTile] {
			if int64(counts[j]) <= limit {
				set[t] |= 1 << j
			}
		}
	}
}

func bitsOfPortable(dst []uint64, x []float32, threshold float32) {
	for w := range dst {
		var word uint64
		for i, v := range x[64*w:][:64] {
			if v >= threshold {
				word |= 1 << i
			}
		}
		dst[w] = word
	}
}
