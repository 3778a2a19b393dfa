package simd

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkMulParts(b *testing.B) {
	for _, size := range [][3]int{{256, 256, 256}, {256, 512, 512}, {256, 2048, 512}} {
		rows, cols, steps := size[0], size[1], size[2]
		b.Run(fmt.Sprintf("%dx%dx%d", rows, cols, steps), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 0))
			x, y, c := drawParts(rng, rows*steps, 1), drawParts(rng, steps*cols, 1), make([]float32, rows*cols)
			left, right := MakeParts(PartsSize(rows, steps)), MakeParts(PartsSize(cols, steps))
			Split(left, steps, x, steps, 1, rows, steps, false)
			Split(right, steps, y, 1, cols, cols, steps, true)
			for b.Loop() {
				MulParts(c, cols, rows, cols, steps, left, right, Ends[float32]{Add: true})
			}
			b.ReportMetric(float64(2*rows*cols*steps)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkSplit(b *testing.B) {
	const lanes, steps = 1024, 1024
	x, dst := make([]float32, lanes*steps), MakeParts(PartsSize(lanes, steps))
	for _, how := range []struct {
		name               string
		laneStride, stride int
		columns            bool
	}{{"rows", steps, 1, false}, {"columns", 1, lanes, true}, {"turnedRows", 1, lanes, false}, {"turnedColumns", steps, 1, true}} {
		b.Run(how.name, func(b *testing.B) {
			b.SetBytes(4 * lanes * steps)
			for b.Loop() {
				Split(dst, steps, x, how.laneStride, how.stride, lanes, steps, how.columns)
			}
		})
	}
}
