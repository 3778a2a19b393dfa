package simd

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkMulPacked times the micro-kernel alone on packed operands: one tile,
// what fits the first cache, and the tasks of large products.
func BenchmarkMulPacked(b *testing.B) {
	height, width := Tile[float32]()
	for _, s := range []struct{ rows, cols, steps int }{
		{height, width, 128}, {8 * height, width, 128}, {8 * height, width, 256}, {144, 480, 256}, {144, 480, 512},
	} {
		b.Run(fmt.Sprintf("%dx%dx%d", s.rows, s.cols, s.steps), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 0))
			draw := func(n int) []float32 {
				x := Aligned[float32](n)
				for i := range x {
					x[i] = float32(rng.NormFloat64())
				}
				return x
			}
			x, y := draw(roundUp(s.rows, height)*s.steps), draw(roundUp(s.cols, width)*s.steps)
			c := draw(s.rows * s.cols)
			for b.Loop() {
				MulPacked(c, s.cols, s.rows, s.cols, s.steps, x, Panels[float32]{Packed: y}, Ends[float32]{})
			}
			b.ReportMetric(2*float64(s.rows*s.cols*s.steps)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
		})
	}
}
