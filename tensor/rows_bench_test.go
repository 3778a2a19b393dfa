package tensor

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

func BenchmarkRows(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, shape := range [][2]int{{128, 10}, {128, 1000}, {4096, 1000}} {
		x, y := New[float32](shape[0], shape[1]), New[float32](shape[0], shape[1])
		Normal(x, rng, 0, 1)
		loss, sums, labels := make([]float32, shape[0]), make([]float32, shape[1]), make([]int, shape[0])
		for name, f := range map[string]func(){
			"Softmax":      func() { Softmax(y, x) },
			"CrossEntropy": func() { SoftmaxCrossEntropy(loss, y, x, labels, 0) },
			"ColumnSums":   func() { ColumnSums(sums, x, false) },
		} {
			b.Run(fmt.Sprintf("%s/%dx%d", name, shape[0], shape[1]), func(b *testing.B) {
				b.SetBytes(int64(4 * len(x.Data)))
				for b.Loop() {
					f()
				}
			})
		}
	}
}

// BenchmarkPooling has the sizes of the first pooling of a small network for
// MNIST.
func BenchmarkPooling(b *testing.B) {
	g := Pooling{Batch: 64, Channels: 32, Height: 28, Width: 28, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2}
	x, y := New[float32](64, 32, 28, 28), New[float32](64, 32, 14, 14)
	Normal(x, rand.New(rand.NewPCG(1, 2)), 0, 1)
	index := make([]int32, len(y.Data))
	MaxPool2D(y, index, x, g)
	for name, f := range map[string]func(){
		"MaxPool2D":         func() { MaxPool2D(y, index, x, g) },
		"MaxPool2DPull":     func() { MaxPool2DPull(x, y, index, g, false) },
		"AveragePool2D":     func() { AveragePool2D(y, x, g) },
		"AveragePool2DPull": func() { AveragePool2DPull(x, y, g, false) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(4 * len(x.Data)))
			for b.Loop() {
				f()
			}
		})
	}
}
