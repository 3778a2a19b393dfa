package simd

import (
	"math/rand/v2"
	"testing"
)

func TestMaxOfFour(t *testing.T) {
	levels(t, func(t *testing.T) {
		t.Run("float32", testMaxOfFour[float32])
		t.Run("float64", testMaxOfFour[float64])
	})
}

// testMaxOfFour compares with one window at a time, among NaN, infinities and
// equals, and the pullback with scattering.
func testMaxOfFour[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 0))
	for rows := range 6 {
		for cols := range 40 {
			width := 2*cols + rng.IntN(3)
			room := rng.IntN(2) * 8 // after the outputs
			x := inner(drawGuarded[F](rng, 2*rows*width+2*room, rng.IntN(2) == 0))
			for i := range x {
				if rng.IntN(3) == 0 {
					x[i] = F(rng.IntN(3))
				}
			}
			y, index := drawGuarded[F](rng, rows*cols+room, false), make([]int32, rows*cols+room)
			MaxOfFour(inner(y), index, x, width, rows, cols)
			checkGuards(t, y)
			for i, got := range inner(y)[:rows*cols] {
				at := 2 * (i/cols*width + i%cols)
				best := at
				for _, c := range []int{at + 1, at + width, at + width + 1} {
					if x[best] == x[best] && !(x[c] <= x[best]) {
						best = c
					}
				}
				if !sameBits(got, x[best]) || !sameBits(x[index[i]], got) || got == got && int(index[i]) != best {
					t.Fatalf("%d×%d, width %d: maximum %d is %v at %d, want %v at %d", rows, cols, width, i, got, index[i], x[best], best)
				}
			}
			unplaced := drawGuarded[F](rng, rows*cols+room, false)
			MaxOfFour(inner(unplaced), nil, x, width, rows, cols)
			for i, got := range inner(unplaced)[:rows*cols] {
				if !sameBits(got, inner(y)[i]) {
					t.Fatalf("%d×%d: without places maximum %d is %v, want %v", rows, cols, i, got, inner(y)[i])
				}
			}
			checkGuards(t, unplaced)
			if width == 2*cols {
				testMaxOfFourPull[F](t, rng, index, rows, cols)
			}
		}
	}
}

func testMaxOfFourPull[F Float](t *testing.T, rng *rand.Rand, index []int32, rows, cols int) {
	room := len(index) - rows*cols
	dx, dy, want := drawGuarded[F](rng, 4*(rows*cols+room), false), inner(drawGuarded[F](rng, rows*cols+room, false)), make([]F, 4*rows*cols)
	MaxOfFourPull(inner(dx), dy, index, rows, cols)
	checkGuards(t, dx)
	for i, at := range index[:rows*cols] {
		want[at] = dy[i]
	}
	for i, got := range inner(dx)[:4*rows*cols] {
		if got != want[i] {
			t.Fatalf("%d×%d: gradient %d is %v, want %v", rows, cols, i, got, want[i])
		}
	}
}
