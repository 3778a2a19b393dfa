package tensor

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestVectorProductsFromEitherEnd wants the same bits whichever end a matrix is
// read from, which changes when it comes again.
func TestVectorProductsFromEitherEnd(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	x := drawTensor[float32](rng, 1, 300)
	matrices := []*Tensor[float32]{drawTensor[float32](rng, 500, 300), drawTensor[float32](rng, 333, 300)}
	var first [2][]float32
	for range 2 * turnedAfter {
		for i, m := range matrices {
			y := New[float32](1, m.Shape[0])
			MatMul(y, x, m, Product[float32]{TransB: true})
			if first[i] == nil {
				first[i] = y.Data
			}
			if !slices.Equal(y.Data, first[i]) {
				t.Fatalf("matrix %d: %v, before %v", i, y.Data, first[i])
			}
		}
	}
}

// TestTurns holds a pass over several matrices to one direction, and the next to
// the other.
func TestTurns(t *testing.T) {
	var turn turns
	ups := func(matrices ...uintptr) (up []bool) {
		for _, m := range matrices {
			turn.next(m)
			up = append(up, turn.up)
		}
		return up
	}
	for range turnedAfter + 1 {
		ups(7)
	}
	before := turn.up
	for range 3 {
		if got, want := ups(8, 9, 7), []bool{before, before, !before}; !slices.Equal(got, want) {
			t.Fatalf("a pass went %v, want %v", got, want)
		}
		before = !before
	}
	ups(slices.Repeat([]uintptr{3, 4}, turnedAfter/2+1)...)
	if turn.first == 7 {
		t.Fatal("a matrix that does not come again is waited for")
	}
}
