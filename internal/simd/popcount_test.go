package simd

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBitDifferences holds the counts to their definition and to the portable
// loop, and looks for writes beside the results.
func TestBitDifferences(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	words := func(n int) []uint64 {
		x := make([]uint64, n)
		for i := range x {
			x[i] = rng.Uint64()
		}
		return x
	}
	for tiles := range 4 {
		for n := range 15 {
			rows := tiles * BitTile
			a, row := words(rows*n), words(n)
			counts := slices.Repeat([]uint64{77}, rows+2)
			BitDifferences(counts[1:rows+1], a, row)
			limits := make([]int64, rows)
			set := slices.Repeat([]uint32{99}, tiles+2)
			for r := range rows {
				want := 0
				for k, word := range row {
					want += bits.OnesCount64(word ^ a[BitTile*(n*(r/BitTile)+k)+r%BitTile])
				}
				if counts[r+1] != uint64(want) {
					t.Fatalf("%d words: row %d differs in %d bits, want %d", n, r, counts[r+1], want)
				}
				limits[r] = int64(want + rng.IntN(3) - 1)
			}
			BitDifferencesAtMost(set[1:tiles+1], limits, a, row)
			portable := make([]uint32, tiles)
			bitDifferencesAtMostPortable(portable, limits, a, row)
			if !slices.Equal(set[1:tiles+1], portable) {
				t.Fatalf("%d words: bits %x, portable %x", n, set, portable)
			}
			for r, limit := range limits {
				if got := set[1+r/BitTile]>>(r%BitTile)&1 == 1; got != (int64(counts[r+1]) <= limit) {
					t.Fatalf("%d words: row %d: %v for %d and a limit of %d", n, r, got, counts[r+1], limit)
				}
			}
			if counts[0] != 77 || counts[rows+1] != 77 || set[0] != 99 || set[tiles+1] != 99 {
				t.Fatalf("%d words: a write beside the results", n)
			}
		}
	}
}

func TestBitsOf(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for n := range 200 {
		x := make([]float32, n)
		for i := range x {
			x[i] = []float32{float32(math.NaN()), 0.5, float32(rng.NormFloat64()), float32(math.Inf(-1)), float32(math.Inf(1))}[rng.IntN(5)]
		}
		dst := slices.Repeat([]uint64{math.MaxUint64}, (n+63)/64+1)
		BitsOf(dst[:len(dst)-1], x, 0.5)
		for i := range 64 * (len(dst) - 1) {
			want := i < n && x[i] >= 0.5
			if got := dst[i/64]>>(i%64)&1 == 1; got != want {
				t.Fatalf("%d numbers: bit %d is %v, want %v", n, i, got, want)
			}
		}
		if dst[len(dst)-1] != math.MaxUint64 {
			t.Fatal("a write beside the result")
		}
	}
}

func TestBitsPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"rows":  func() { BitDifferences(make([]uint64, 31), make([]uint64, 62), make([]uint64, 2)) },
		"words": func() { BitDifferences(make([]uint64, 32), make([]uint64, 63), make([]uint64, 2)) },
		"limits": func() {
			BitDifferencesAtMost(make([]uint32, 2), make([]int64, 32), make([]uint64, 32), make([]uint64, 1))
		},
		"floats": func() { BitsOf(make([]uint64, 1), make([]float32, 65), 0) },
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

func BenchmarkBitDifferences(b *testing.B) {
	for name, f := range map[string]func(c, a, r []uint64){"vector": BitDifferences, "portable": bitDifferencesPortable} {
		b.Run(name, func(b *testing.B) {
			counts, a, row := make([]uint64, 512), make([]uint64, 512*8), make([]uint64, 8)
			for b.Loop() {
				f(counts, a, row)
			}
		})
	}
}
