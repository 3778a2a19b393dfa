package simd

import (
	"math"
	"slices"
	"unsafe"
)

// lookupRows is the layout for processors that look four bits up at a time:
// byte c of row 64·t + j is at columns[64·(width·t + c) + j]. A byte holds the
// counts of a stretch of a row, 16 bits those of a part of it.
type lookupRows struct {
	rows, words int
	width       int // bytes of a row, a multiple of three
	columns     []byte
	limits      []int64
	short       []int16 // the limits in the order of the counts, if all fit
}

const (
	lookupTile    = 64 // rows
	lookupMany    = 8  // examples that share the loads of the rows
	lookupStretch = 30 // bytes: 60 lookups of up to 4
	lookupPart    = math.MaxUint16 / 8 / lookupStretch * lookupStretch
)

func newLookupRows(rows, bits int) bitLayout {
	l := &lookupRows{rows: rows, words: (bits + 63) / 64, width: (bits + 23) / 24 * 3, limits: make([]int64, rows)}
	height := (rows + lookupTile - 1) / lookupTile * lookupTile
	l.columns = make([]byte, height*l.width)
	if bits <= math.MaxInt16 {
		l.short = slices.Repeat([]int16{-1}, height)
	}
	for i := range l.limits {
		l.limits[i] = -1
	}
	return l
}

func (l *lookupRows) setBit(row, bit int) {
	l.columns[lookupTile*(l.width*(row/lookupTile)+bit/8)+row%lookupTile] |= 1 << (bit % 8)
}

func (l *lookupRows) setLimit(row int, limit int64) {
	l.limits[row] = limit
	if l.short != nil {
		l.short[row/32*32+inHalf(row)] = int16(min(max(limit, -1), math.MaxInt16))
	}
}

// inHalf is the place of a row's count among those of 32 rows, half a tile:
// even rows come before odd ones.
func inHalf(row int) int { return row%2*16 + row%32/2 }

func (l *lookupRows) differences(counts, x []uint64, n int, s *BitScratch) {
	clear(counts)
	for e := 0; e < n; {
		group, spacing := lookupGroup(n - e)
		l.tables(x[e*l.words:(e+group)*l.words], spacing, s)
		for from := 0; from < l.width; from += lookupPart {
			l.count(from, min(from+lookupPart, l.width), spacing, s)
			for i := range group {
				to := counts[(e+i)*l.rows : (e+i+1)*l.rows]
				for r := range to {
					to[r] += uint64(s.counts[32*(r/32*spacing+i)+inHalf(r)])
				}
			}
		}
		e += group
	}
}

func (l *lookupRows) atMost(set, x []uint64, n int, s *BitScratch) {
	clear(set)
	v := (l.rows + 63) / 64
	if l.short == nil {
		counts := make([]uint64, l.rows)
		for e := range n {
			l.differences(counts, x[e*l.words:(e+1)*l.words], 1, s)
			keepAtMost(set[e*v:(e+1)*v], l.limits, counts, 0)
		}
		return
	}
	for e := 0; e < n; {
		group, spacing := lookupGroup(n - e)
		l.tables(x[e*l.words:(e+group)*l.words], spacing, s)
		l.count(0, l.width, spacing, s)
		for i := range group {
			to := (*uint32)(unsafe.Pointer(&set[(e+i)*v]))
			countsAtMostAVX2(to, &s.counts[32*i], &l.short[0], 64*spacing, (l.rows+31)/32)
		}
		e += group
	}
}

// lookupGroup says how many of the examples left to take together, and how many
// examples' counts lie side by side. Half of eight cost no more than one by one.
func lookupGroup(left int) (group, spacing int) {
	if left < lookupMany/2 {
		return 1, 1
	}
	return min(left, lookupMany), lookupMany
}

// tables writes what each four bits of the examples of a group differ in from
// any four.
func (l *lookupRows) tables(x []uint64, spacing int, s *BitScratch) {
	size := max(32, 16*spacing) // of a byte of the examples
	known := size * 8 * l.words
	s.tables = slices.Grow(s.tables[:0], known+2*size)[:known+2*size]
	clear(s.tables[known:]) // bytes of a row are a multiple of three
	if spacing == 1 {
		nibbleTablesAVX2(&s.tables[0], &x[0], l.words)
		return
	}
	example := func(i int) *uint64 { return &x[min(i*l.words, len(x)-l.words)] } // the last again where one lacks
	for p := range lookupMany / 2 {
		nibbleTablesPairAVX2(&s.tables[16*p], example(2*p), example(2*p+1), l.words)
	}
}

// count leaves the differing bits of the bytes [from, to) of rows in s.counts,
// [half-tile, spacing, 32].
func (l *lookupRows) count(from, to, spacing int, s *BitScratch) {
	tiles := (l.rows + lookupTile - 1) / lookupTile
	size := lookupTile * spacing * tiles
	s.counts = slices.Grow(s.counts[:0], size)[:size]
	clear(s.counts)
	for c := from; c < to; c += lookupStretch {
		width := min(lookupStretch, to-c)
		if spacing == 1 {
			lookUpAVX2(&s.counts[0], &l.columns[lookupTile*c], &s.tables[32*c], width, lookupTile*l.width, tiles)
		} else {
			lookUpPairsAVX2(&s.counts[0], &l.columns[lookupTile*c], &s.tables[16*lookupMany*c], width, lookupTile*l.width, (l.rows+31)/32)
		}
	}
}
