package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

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
