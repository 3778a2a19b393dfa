package simd

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func TestPack(t *testing.T) {
	levels(t, func(t *testing.T) {
		t.Run("float32", testPack[float32])
		t.Run("float64", testPack[float64])
	})
}

func testPack[F Float](t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 0))
	for _, width := range []int{4, 12, 16, 24, 32} {
		for lanes := 1; lanes <= 2*width+1; lanes++ {
			for _, steps := range []int{1, 2, 7, 8, 9, 31} {
				for _, contiguous := range []bool{true, false} {
					laneStride, stepStride := steps+rng.IntN(3), 1
					if contiguous {
						laneStride, stepStride = 1, lanes+rng.IntN(3)
					}
					src := inner(drawGuarded[F](rng, (lanes-1)*laneStride+(steps-1)*stepStride+1, false))
					dst := drawGuarded[F](rng, roundUp(lanes, width)*steps, false)
					Pack(inner(dst), width, src, laneStride, stepStride, lanes, steps)
					name := fmt.Sprintf("width %d, lanes %d by %d, steps %d by %d", width, lanes, laneStride, steps, stepStride)
					for i, v := range dst {
						at := i - guard
						if at < 0 || i >= len(dst)-guard {
							if v == v {
								t.Fatalf("%s: the guard at %d is %v, want NaN", name, at, v)
							}
							continue
						}
						var want F
						if l, p := at/(width*steps)*width+at%width, at/width%steps; l < lanes {
							want = src[l*laneStride+p*stepStride]
						}
						if v != want {
							t.Fatalf("%s: dst[%d] is %v, want %v", name, at, v, want)
						}
					}
				}
			}
		}
	}
}
