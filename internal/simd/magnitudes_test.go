package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMagnitudes(t *testing.T) {
	atEveryLevel(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(21, 22))
		lists := inputs[float32](rng)
		for n := range 131 {
			for offset := range 16 {
				_, x := guarded[float32](n, offset)
				draw(x, rng, lists[offset%2])
				least, largest := uint32(math.MaxUint32), uint32(0)
				for _, v := range x {
					bits := math.Float32bits(float32(math.Abs(float64(v))))
					if bits > 0 {
						least = min(least, bits)
					}
					largest = max(largest, bits)
				}
				if largest == 0 {
					least = 0
				}
				if a, b := Magnitudes(x); a != least || b != largest {
					t.Fatalf("%v: %x and %x, want %x and %x", x, a, b, least, largest)
				}
			}
		}
	})
	long := make([]float32, 3*block+5)
	long[len(long)-1], long[block+3] = -3, 0.5
	if a, b := Magnitudes(long); a != math.Float32bits(0.5) || b != math.Float32bits(3) {
		t.Errorf("%x and %x, want those of 0.5 and 3", a, b)
	}
}
