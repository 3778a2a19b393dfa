package simd

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// BenchmarkLoops times every exported loop, at the size of a row, of a layer and
// of what leaves the caches. The bytes are those of one of its arrays.
func BenchmarkLoops(b *testing.B) {
	const longest = 1 << 22
	next := MidPage[float32](longest)
	loops := slices.DeleteFunc(calls[float32](), func(c call[float32]) bool { return strings.HasPrefix(c.name, "MirrorSigmoid") })
	loops = append(loops, // steps of 0: others lead to numbers so small that the processor is slow with them
		call[float32]{"MirrorSigmoid", func(x, y, g []float32) { MirrorSigmoid(x, y, g, 0) }},
		call[float32]{"MirrorSigmoidStream", func(x, y, g []float32) { MirrorSigmoidStream(x, y, g, 0) }},
		call[float32]{"MirrorSigmoidNext", func(x, y, g []float32) { MirrorSigmoidNext(x, next[:len(x)], y, g, 0, true) }})
	slices.SortFunc(loops, func(a, b call[float32]) int { return slices.Compare([]byte(a.name), []byte(b.name)) })
	for name, fold := range map[string]func(x, y []float32) float64{
		"Sum":             func(x, _ []float32) float64 { return Sum(x) },
		"SumSquares":      func(x, _ []float32) float64 { return SumSquares(x) },
		"AbsSum":          func(x, _ []float32) float64 { return AbsSum(x) },
		"CentredSquares":  func(x, _ []float32) float64 { return CentredSquares(x, 0.1) },
		"Dot":             Dot[float32],
		"SquaredDistance": SquaredDistance[float32],
		"Min":             func(x, _ []float32) float64 { return float64(Min(x)) },
		"Max":             func(x, _ []float32) float64 { return float64(Max(x)) },
		"ArgMax":          func(x, _ []float32) float64 { return float64(ArgMax(x)) },
	} {
		loops = append(loops, call[float32]{name, func(_, x, y []float32) { fold(x, y) }})
	}
	loops = append(loops, call[float32]{"ExpSum", func(dst, x, _ []float32) { ExpSum(dst, x, 6) }})
	for _, n := range []int{10, 512, 4096, longest} {
		dst, x, y := Make[float32](n), Make[float32](n), Make[float32](n)
		for _, c := range loops {
			for i := range x {
				dst[i], x[i], y[i] = 1, float32(i%13)-6, float32(i%7)+0.5
			}
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				b.SetBytes(int64(4 * n))
				for b.Loop() {
					c.do(dst, x, y)
				}
			})
		}
	}
}

// BenchmarkSearches times what finds the nearest of K centers of n coordinates.
func BenchmarkSearches(b *testing.B) {
	const n, points = 784, 512
	for _, k := range []int{10, 256} {
		centers, x := make([]float32, k*n), make([]float32, points*n)
		for i := range centers {
			centers[i] = float32(i % 17)
		}
		for i := range x {
			x[i] = float32(i % 23)
		}
		scores, rest, reach := make([]float32, k*points), make([]float32, k), make([]float32, points)
		for i := range scores {
			scores[i] = float32(i % 29)
		}
		at, least, other := make([]int32, points), make([]float32, points), make([]float32, points)
		sum, starts := make([]float64, n), make([]int, points)
		for i := range starts {
			starts[i] = i * n
		}
		for _, c := range []struct {
			name string
			do   func()
		}{
			{"RoughDistances", func() { RoughDistances(scores[:k], x[:n], centers) }},
			{"ArgMin", func() { ArgMin(scores[:k], rest, 1) }},
			{"CountAtMost", func() { CountAtMost(scores[:k], 3) }},
			{"LeastTwo", func() { LeastTwo(at, least, other, scores, points, rest, reach) }},
			{"AddRowsWide", func() { AddRowsWide(sum, x, starts[:k]) }},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, k), func(b *testing.B) {
				for b.Loop() {
					c.do()
				}
			})
		}
	}
}
