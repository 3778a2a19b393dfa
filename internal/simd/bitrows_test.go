package simd

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// eachBitLevel runs a test once for each layout of bits that this processor has.
func eachBitLevel(t *testing.T, test func(t *testing.T)) {
	best, was := detect(), active
	t.Cleanup(func() { active = was })
	for level := Portable; level <= best; level++ {
		active = level
		t.Run(level.String(), test)
	}
}

// TestBitRows holds counts and comparisons to their definition, and looks for
// writes beside the results.
func TestBitRows(t *testing.T) {
	eachBitLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 1))
		random := func() uint64 { return rng.Uint64() }
		var scratch BitScratch // of another size each time
		for _, width := range []int{1, 4, 8, 23, 24, 25, 63, 64, 65, 239, 240, 241, 251, 252, 253, 480, 784, 2047} {
			for _, rows := range []int{1, 10, 31, 32, 33, 63, 64, 65, 130} {
				table := drawBits(rows, width, random)
				b := bitRowsOf(table, rows, width)
				for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 17} {
					checkBitRows(t, b, table, drawBits(n, width, random), rng, &scratch)
				}
			}
		}
	})
}

// TestBitRowsAtTheEnds: all bits differ, as many as a byte, 15 bits and 16
// count, and more; and none does.
func TestBitRowsAtTheEnds(t *testing.T) {
	eachBitLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(2, 2))
		var scratch BitScratch
		for _, width := range []int{240, 248, 256, 32767, 32768, 65520, 65521, 131073} {
			table := drawBits(3, width, func() uint64 { return 0 })
			copy(table, drawBits(1, width, func() uint64 { return ^uint64(0) }))
			b := bitRowsOf(table, 3, width)
			for _, n := range []int{1, 8, 9} {
				checkBitRows(t, b, table, drawBits(n, width, func() uint64 { return ^uint64(0) }), rng, &scratch)
			}
		}
	})
}

// drawBits makes rows of words of so many bits.
func drawBits(rows, width int, word func() uint64) []uint64 {
	words := (width + 63) / 64
	x := make([]uint64, rows*words)
	for i := range x {
		if x[i] = word(); i%words == words-1 {
			x[i] &= ^uint64(0) >> (64*words - width)
		}
	}
	return x
}

func bitRowsOf(table []uint64, rows, width int) *BitRows {
	b := NewBitRows(rows, width)
	for r := range rows {
		for i := range width {
			if table[r*b.InWords()+i/64]>>(i%64)&1 == 1 {
				b.SetBit(r, i)
			}
		}
	}
	return b
}

func checkBitRows(t *testing.T, b *BitRows, table, x []uint64, rng *rand.Rand, scratch *BitScratch) {
	t.Helper()
	rows, words, v := b.Rows(), b.InWords(), b.OutWords()
	n := len(x) / words
	want := make([]uint64, n*rows)
	for i := range want {
		for k, word := range x[i/rows*words:][:words] {
			want[i] += uint64(bits.OnesCount64(table[i%rows*words+k] ^ word))
		}
	}
	counts := slices.Repeat([]uint64{77}, n*rows+2)
	b.Differences(counts[1:n*rows+1], x, scratch)
	if !slices.Equal(counts[1:n*rows+1], want) {
		t.Fatalf("%d rows of %d words, %d examples: counts %d, want %d", rows, words, n, counts[1:n*rows+1], want)
	}
	limits := slices.Repeat([]int64{-1}, rows)
	for r := range limits {
		if n > 0 && r%7 != 3 { // some at −1
			limits[r] = int64(want[rng.IntN(n)*rows+r]) + rng.Int64N(3) - 1
		}
		b.SetLimit(r, limits[r])
	}
	set := slices.Repeat([]uint64{99}, n*v+2)
	b.AtMost(set[1:n*v+1], x, scratch)
	for i := range 64 * n * v {
		e, r := i/(64*v), i%(64*v)
		keep := r < rows && int64(want[e*rows+r]) <= limits[r]
		if got := set[1+i/64]>>(i%64)&1 == 1; got != keep {
			t.Fatalf("%d rows of %d words: row %d of example %d: %v, want %v", rows, words, r, e, got, keep)
		}
	}
	if counts[0] != 77 || counts[n*rows+1] != 77 || set[0] != 99 || set[n*v+1] != 99 {
		t.Fatalf("%d rows of %d words, %d examples: a write beside the results", rows, words, n)
	}
}

func TestBitsPanics(t *testing.T) {
	b := NewBitRows(65, 128)
	for name, f := range map[string]func(){
		"rows":     func() { NewBitRows(0, 3) },
		"bits":     func() { NewBitRows(3, 0) },
		"examples": func() { b.Differences(make([]uint64, 65), make([]uint64, 3), &BitScratch{}) },
		"counts":   func() { b.Differences(make([]uint64, 64), make([]uint64, 2), &BitScratch{}) },
		"set":      func() { b.AtMost(make([]uint64, 1), make([]uint64, 2), &BitScratch{}) },
		"floats":   func() { BitsOf(make([]uint64, 1), make([]float32, 65), 0) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

// BenchmarkBitRows times a layer of 784 inputs and 512 outputs, an example.
func BenchmarkBitRows(b *testing.B) {
	rows := NewBitRows(512, 784)
	for _, n := range []int{1, 4, 8, 32} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			x, set := make([]uint64, n*rows.InWords()), make([]uint64, n*rows.OutWords())
			var scratch BitScratch
			for b.Loop() {
				rows.AtMost(set, x, &scratch)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/example")
		})
	}
}
