package simd

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestAddRows(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		testAddRows[float32](t)
		testAddRows[float64](t)
	})
}

func testAddRows[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	lists := inputs[F](rng)
	for n := 1; n <= 130; n++ {
		for offset := range 16 {
			rows := 1 + offset%5
			whole, dst := guarded[F](n, offset)
			_, x := guarded[F](n*rows, (offset+5)%16)
			draw(dst, rng, lists[0])
			draw(x, rng, lists[offset%2])
			want := slices.Clone(dst)
			addRowsPortable(want, x, rows)
			AddRows(dst, x)
			if !equalBits(dst, want) {
				t.Fatalf("%d rows of %d at offset %d: %v, want %v", rows, n, offset, dst, want)
			}
			for i, v := range whole {
				if at := i - margin - offset; (at < 0 || at >= n) && v == v {
					t.Fatalf("%d rows of %d at offset %d wrote element %d", rows, n, offset, at)
				}
			}
		}
	}
}
