package simd

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMulPlaces(t *testing.T) {
	levels(t, func(t *testing.T) {
		t.Run("float32", testMulPlaces[float32])
		t.Run("float64", testMulPlaces[float64])
	})
}

// testMulPlaces holds the kernel to its loop, bit for bit where it rounds as
// fma does.
func testMulPlaces[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 0))
	height := gemmTable[F]().rows
	multiplyAdd := fma[F]
	if !HasPlaces() {
		multiplyAdd = func(x, y, z F) F { return F(x*y) + z }
	}
	for round := range 400 {
		rows, odd := 1+round%(2*height+1), rng.IntN(4) == 0
		starts := make([]int, rng.IntN(12))
		for p := range starts {
			starts[p] = rng.IntN(30)
		}
		var runs []Run
		lane := 0
		for range 1 + rng.IntN(5) {
			r := Run{lane, rng.IntN(40), 1 + rng.IntN(RunLength[F]())}
			runs = append(runs, r)
			lane += r.Count + rng.IntN(2)
		}
		ldc, add := lane+rng.IntN(3), rng.IntN(2) == 0
		a := inner(drawGuarded[F](rng, roundUp(rows, height)*len(starts), odd))
		start := inner(drawGuarded[F](rng, roundUp(rows, height), odd))
		src := inner(drawGuarded[F](rng, 30+40+Slack, odd))
		c := drawGuarded[F](rng, rows*ldc, false)
		want := slices.Clone(c)
		for i := range rows {
			for _, r := range runs {
				for j := range r.Count {
					sum, at := start[i], guard+i*ldc+r.Lane+j
					for p, s := range starts {
						sum = multiplyAdd(a[(i/height*len(starts)+p)*height+i%height], src[s+r.From+j], sum)
					}
					var before F
					if add {
						before = want[at]
					}
					want[at] = before + sum
				}
			}
		}
		MulPlaces(inner(c), ldc, rows, a, src, starts, runs, start, add)
		for i := range c {
			if !sameBits(c[i], want[i]) {
				t.Fatalf("rows %d, starts %v, runs %v, add %v: c[%d] is %v, want %v", rows, starts, runs, add, i-guard, c[i], want[i])
			}
		}
	}
}
