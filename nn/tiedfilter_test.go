package nn_test

import (
	"fmt"
	"testing"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
	"pgregory.net/rapid"
)

func ExampleFilterPullback() {
	// y = 2·(xᵢ + xᵢ₊₂) + 1: even and odd places never mix.
	r, err := nn.FilterPullback([]float64{2}, []float64{1, 1}, 1, 2, 1, 0, [][]float64{{1, 2, 3}}, [][]float64{{10}})
	fmt.Println(r.Y, r.DX, r.DW, r.DB, err)
	// Output: [[9]] [[20 0 20]] [40] 10 <nil>
}

// composedFilter is a tied filter without padding, stride 1, out of primitive
// operations.
type composedFilter[F tensor.Float] struct{ *nn.TiedFilter[F] }

func (l composedFilter[F]) Forward(p *nn.Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	batch, n := x.Shape()[0], x.Shape()[1]
	taps := len(l.Mask.Value.Data)
	m := n - l.Dilation*(taps-1)
	var sum *autodiff.Var[F]
	for k := range taps {
		places := make([]int, 0, batch*m)
		for r := range batch {
			for i := range m {
				places = append(places, r*n+i+k*l.Dilation)
			}
		}
		part := autodiff.Gather(autodiff.Reshape(x, batch*n, 1), places)
		if sum == nil {
			sum = part
		} else {
			sum = autodiff.Add(sum, part)
		}
	}
	y := autodiff.AddRow(autodiff.MulRow(sum, p.Use(l.Weight)), p.Use(l.Bias))
	return autodiff.Reshape(y, batch, m)
}

// asConv2D is a filter as a convolution of images one row high, its taps in
// Weight.
func asConv2D[F tensor.Float](l *nn.TiedFilter[F]) nn.Layer[F] {
	taps := l.Weight.Value.Clone()
	if l.Mask != nil {
		taps = l.Mask.Value.Clone()
		for k := range taps.Data {
			taps.Data[k] *= l.Weight.Value.Data[0]
		}
	}
	return &nn.Conv2D[F]{
		Weight: &nn.Param[F]{Value: taps.Reshape(1, 1, 1, len(taps.Data))}, Bias: &nn.Param[F]{Value: l.Bias.Value},
		Stride: [2]int{1, l.Stride}, Padding: [2]int{0, l.Padding}, Dilation: [2]int{1, l.Dilation}, Groups: 1,
	}
}

func TestTiedFilterIsItsComposition(t *testing.T) {
	l := nn.NewTiedFilter[float64](3, 2, newRand())
	x := tensor.New[float64](4, 5000)
	tensor.Normal(x, newRand(), 0, 1)
	fused := gradientsOf[float64](l, x)
	for i, g := range fused {
		fused[i] = append([]float64(nil), g...)
	}
	mustAgree(t, fused, gradientsOf[float64](composedFilter[float64]{l}, x), 1e-12)
}

func TestTiedFilterIsAConvolution(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string, lo, hi int) int { return rapid.IntRange(lo, hi).Draw(t, name) }
		taps, dilation, stride, padding := draw("taps", 1, 5), draw("dilation", 1, 3), draw("stride", 1, 3), draw("padding", 0, 5)
		batch, n := draw("batch", 1, 3), max(1, dilation*(taps-1)+1-2*padding)+draw("more", 0, 9)
		l := nn.NewFilter[float64](taps, dilation, stride, padding, newRand())
		x := tensor.New[float64](batch, n)
		tensor.Normal(x, newRand(), 0, 1)
		got, want := gradientsOf[float64](l, x), gradientsOf(asConv2D(l), x.Reshape(batch, 1, 1, n))
		for i := range want {
			for j, w := range want[i] {
				if d := got[i][j] - w; d > 1e-12 || d < -1e-12 {
					t.Fatalf("array %d, element %d: got %v, want %v", i, j, got[i][j], w)
				}
			}
		}
	})
}

func TestTiedFilterWithoutOutputs(t *testing.T) {
	for n := range 3 {
		x, g := [][]float64{make([]float64, n)}, [][]float64{{}}
		r, err := nn.FilterPullback([]float64{2}, []float64{1, 1}, 1, 2, 1, 0, x, g)
		if err != nil || len(r.Y[0]) != 0 || r.DW[0] != 0 || r.DB != 0 || len(r.DX[0]) != n {
			t.Errorf("%d places: got %+v, %v", n, r, err)
		}
		for _, d := range r.DX[0] {
			if d != 0 {
				t.Errorf("%d places: dx %v, want zeros", n, r.DX)
			}
		}
	}
}

func BenchmarkTiedFilter(b *testing.B) {
	l := nn.NewTiedFilter[float32](2, 2, newRand())
	for _, c := range []struct {
		name  string
		layer nn.Layer[float32]
		shape []int
	}{
		{"fused", l, []int{128, 784}},
		{"composed", composedFilter[float32]{l}, []int{128, 784}},
		{"convolution", asConv2D(l), []int{128, 1, 1, 784}},
	} {
		b.Run(c.name, func(b *testing.B) { benchmarkLayer(b, c.layer, c.shape...) })
	}
}
