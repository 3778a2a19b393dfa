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
			for _, steps := range []int{1, 2, 7, 8, 9, 31, 137} {
				for _, contiguous := range []bool{true, false} {
					laneStride, stepStride := steps+rng.IntN(3), 1
					if contiguous {
						laneStride, stepStride = 1, lanes+rng.IntN(3)
					}
					src := inner(drawGuarded[F](rng, (lanes-1)*laneStride+(steps-1)*stepStride+1, false))
					depth, first := steps, 0
					if rng.IntN(2) == 0 {
						first, depth = rng.IntN(4), steps+5
					}
					dst := drawGuarded[F](rng, roundUp(lanes, width)*depth, false)
					fillNaN(inner(dst))
					Pack(inner(dst)[first*width:], width, depth, src, laneStride, stepStride, lanes, steps)
					name := fmt.Sprintf("width %d, lanes %d by %d, steps %d by %d from %d of %d", width, lanes, laneStride, steps, stepStride, first, depth)
					for i, v := range dst {
						at := i - guard
						p := at/width%depth - first
						if at < 0 || i >= len(dst)-guard || p < 0 || p >= steps {
							if v == v {
								t.Fatalf("%s: %v was written at %d", name, v, at)
							}
							continue
						}
						var want F
						if l := at/(width*depth)*width + at%width; l < lanes {
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
