package tensor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkMatMul times square products and those of a training step of the
// perceptron 784-512-256-10 with batches of 128: forward, then the gradients of
// the input and of the weights.
func BenchmarkMatMul(b *testing.B) {
	for _, s := range []int{256, 512, 1024, 2048} {
		benchmarkMatMul[float32](b, fmt.Sprint("square", s), s, s, s, false, false)
	}
	benchmarkMatMul[float64](b, "square1024float64", 1024, 1024, 1024, false, false)
	for _, batch := range []int{1, 32, 128, 1024} {
		for _, s := range []struct{ in, out int }{{784, 512}, {512, 256}, {256, 10}, {64, 32}} {
			name := fmt.Sprintf("batch%d/%dto%d/", batch, s.in, s.out)
			benchmarkMatMul[float32](b, name+"forward", batch, s.out, s.in, false, true)
			benchmarkMatMul[float32](b, name+"input", batch, s.in, s.out, false, false)
			benchmarkMatMul[float32](b, name+"weights", s.out, s.in, batch, true, false)
		}
	}
}

func benchmarkMatMul[F Float](b *testing.B, name string, m, n, k int, transA, transB bool) {
	b.Run(name, func(b *testing.B) {
		x := drawMatMul[F](rand.New(rand.NewPCG(6, 0)), m, n, k, transA, transB, false, false)
		b.ReportAllocs()
		for b.Loop() {
			MatMul(x.c, x.a, x.b, x.how)
		}
		b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GFLOP/s")
	})
}
