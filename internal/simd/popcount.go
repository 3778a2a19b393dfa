package simd

import (
	"math/bits"
	"slices"
)

// bitTile is how many rows of bits stand side by side in a tile.
const bitTile = 32

// tileRows is the layout for processors that count bits: word k of row 32·t + j
// is at tiles[32·(words·t + k) + j].
type tileRows struct {
	rows, words int
	tiles       []uint64
	limits      []int64 // of whole tiles
}

func newTileRows(rows, bits int) bitLayout {
	height, words := (rows+bitTile-1)/bitTile*bitTile, (bits+63)/64
	t := &tileRows{rows, words, make([]uint64, height*words), make([]int64, height)}
	for i := range t.limits {
		t.limits[i] = -1
	}
	return t
}

func (t *tileRows) setBit(row, bit int) {
	t.tiles[bitTile*(t.words*(row/bitTile)+bit/64)+row%bitTile] |= 1 << (bit % 64)
}

func (t *tileRows) setLimit(row int, limit int64) { t.limits[row] = limit }

func (t *tileRows) differences(counts, x []uint64, n int, s *BitScratch) {
	s.sums = slices.Grow(s.sums[:0], len(t.limits))[:len(t.limits)]
	for e := range n {
		bitDifferences(s.sums, t.tiles, x[e*t.words:(e+1)*t.words])
		copy(counts[e*t.rows:(e+1)*t.rows], s.sums)
	}
}

func (t *tileRows) atMost(set, x []uint64, n int, _ *BitScratch) {
	v := (t.rows + 63) / 64
	for e := range n {
		bitDifferencesAtMost(set[e*v:(e+1)*v], t.limits, t.tiles, x[e*t.words:(e+1)*t.words])
	}
}

func bitDifferencesPortable(counts, tiles, row []uint64) {
	for t := 0; t < len(counts); t += bitTile {
		sums := counts[t : t+bitTile]
		clear(sums)
		for k, word := range row {
			lane := tiles[(t*len(row) + k*bitTile):][:bitTile]
			for j, b := range lane {
				sums[j] += uint64(bits.OnesCount64(b ^ word))
			}
		}
	}
}

func bitDifferencesAtMostPortable(set []uint64, limits []int64, tiles, row []uint64) {
	clear(set)
	var counts [bitTile]uint64
	for t := 0; t < len(limits); t += bitTile {
		bitDifferencesPortable(counts[:], tiles[t*len(row):][:bitTile*len(row)], row)
		keepAtMost(set, limits[t:], counts[:], t)
	}
}

// keepAtMost sets the bits, from one on, whose counts are at most their limits.
func keepAtMost(set []uint64, limits []int64, counts []uint64, from int) {
	for i, c := range counts {
		if r := from + i; int64(c) <= limits[i] {
			set[r/64] |= 1 << (r % 64)
		}
	}
}
