package seeds_test

import (
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/internal/seeds"
)

func first(parts ...uint64) uint64 {
	var pcg rand.PCG
	seeds.Set(&pcg, parts...)
	return pcg.Uint64()
}

func TestNeighboursAreUnrelated(t *testing.T) {
	base := first(5, 7, 9)
	for part := range 3 {
		total := 0
		for bit := range 64 {
			parts := []uint64{5, 7, 9}
			parts[part] ^= 1 << bit
			total += bits.OnesCount64(base ^ first(parts...))
		}
		// 64 × 64 fair coins: the mean is 2048, five deviations are 160.
		if total < 2048-160 || total > 2048+160 {
			t.Errorf("part %d: %d of 4096 bits flip", part, total)
		}
	}
	if first(1, 2) == first(2, 1) || first(0) == first(0, 0) {
		t.Error("order or number of parts makes no difference")
	}
}

func TestSetAllocatesNothing(t *testing.T) {
	var pcg rand.PCG
	if n := testing.AllocsPerRun(100, func() { seeds.Set(&pcg, 1, 2, 3) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func Example() {
	var pcg rand.PCG
	rng := rand.New(&pcg)
	for _, index := range []uint64{7, 8, 7} {
		seeds.Set(&pcg, 1, index)
		fmt.Println(rng.IntN(1000))
	}
	// Output:
	// 313
	// 180
	// 313
}
