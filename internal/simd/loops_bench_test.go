package simd

import (
	"fmt"
	"testing"
)

func BenchmarkLoops(b *testing.B) {
	for _, n := range []int{10, 512, 4096, 1 << 22} {
		x, y, z := make([]float32, n), make([]float32, n), make([]float32, n)
		for i := range x {
			x[i], y[i], z[i] = float32(i%13)-6, float32(i%7)-3, float32(i%11)+0.5
		}
		dst := make([]float32, n)
		for _, c := range []struct {
			name    string
			streams int
			f       func()
		}{
			{"Add", 3, func() { Add(dst, x, y) }},
			{"AddScaled", 3, func() { AddScaled(dst, x, 1e-9) }},
			{"ReLU", 2, func() { ReLU(dst, x) }},
			{"Exp", 2, func() { Exp(dst, x) }},
			{"Log", 2, func() { Log(dst, z) }},
			{"Tanh", 2, func() { Tanh(dst, x) }},
			{"Sigmoid", 2, func() { Sigmoid(dst, x) }},
			{"GELU", 2, func() { GELU(dst, x) }},
			{"EMA", 3, func() { EMA(dst, x, 0.1) }},
			{"EMAStep", 5, func() { EMAStep(dst, y, x, 0.1, 1e-9, 1) }},
			{"HeavyBallStep", 5, func() { HeavyBallStep(dst, y, x, 0.9, 1e-9, 1) }},
			{"ShrinkStep", 3, func() { ShrinkStep(dst, x, 1e-9, 1) }},
			{"ScaleStream", 2, func() { ScaleStream(dst, x, x, 1.5) }},
			{"AdamMoments", 5, func() { AdamMoments(dst, z, x, 0.9, 0.999) }},
			{"DiagonalStep", 4, func() { DiagonalStep(dst, x, z, 1e-9, 1, 1e-8) }},
			{"MirrorSigmoid", 4, func() { MirrorSigmoid(dst, y, x, 1e-3) }},
			{"MirrorSigmoidStream", 4, func() { MirrorSigmoidStream(dst, y, x, 1e-3) }},
			{"SumSquares", 1, func() { _ = SumSquares(x) }},
			{"Sum", 1, func() { _ = Sum(x) }},
			{"Dot", 2, func() { _ = Dot(x, y) }},
			{"Max", 1, func() { _ = Max(x) }},
			{"ExpSum", 2, func() { _ = ExpSum(dst, x, 6) }},
		} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				b.SetBytes(int64(4 * n * c.streams))
				for b.Loop() {
					c.f()
				}
			})
		}
	}
}
