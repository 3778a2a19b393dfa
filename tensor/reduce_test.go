package tensor

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

func TestColumnAndRowSums(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, shape := range [][2]int{{0, 3}, {1, 1}, {7, 5}, {300, 10}, {5000, 3}, {900, 130}} {
		x := New[float32](shape[0], shape[1])
		Normal(x, rng, 1, 2)
		columns, rows := make([]float64, shape[1]), make([]float64, shape[0])
		for i, v := range x.Data {
			columns[i%shape[1]] += float64(v)
			rows[i/shape[1]] += float64(v)
		}
		got := make([]float32, shape[1])
		ColumnSums(got, x, false)
		wantNear(t, "column sums", got, columns, 3e-6)
		ColumnSums(got, x, true)
		for i := range columns {
			columns[i] *= 2
		}
		wantNear(t, "column sums, added", got, columns, 3e-6)
		sums := make([]float32, shape[0])
		RowSums(sums, x)
		wantNear(t, "row sums", sums, rows, 1e-6)
	}
}

// TestMomentsWithLargeMean would fail for E x² − (E x)².
func TestMomentsWithLargeMean(t *testing.T) {
	const offset = 1 << 20
	x := New[float32](2, 3, 2, 2)
	var values []float64 // of channel 1
	for i := range x.Data {
		x.Data[i] = offset + float32(i%7)/8
		if i/4%3 == 1 {
			values = append(values, float64(x.Data[i]))
		}
	}
	mean, variance := make([]float64, 3), make([]float64, 3)
	ChannelMoments(mean, variance, x)
	m, v := momentsByDefinition(values)
	wantNear(t, "mean and variance of a channel", []float64{mean[1], variance[1]}, []float64{m, v}, 1e-12)

	flat := x.Reshape(3, 8)
	RowMoments(mean, variance, flat)
	for r := range 3 {
		values = values[:0]
		for _, e := range flat.Row(r) {
			values = append(values, float64(e))
		}
		m, v := momentsByDefinition(values)
		wantNear(t, "mean and variance of a row", []float64{mean[r], variance[r]}, []float64{m, v}, 1e-12)
	}

	columns := From([]float32{1, 10, 2, 20, 3, 60}, 3, 2) // [batch, channels] without planes
	ChannelMoments(mean[:2], variance[:2], columns)
	wantNear(t, "means of columns", mean[:2], []float64{2, 30}, 1e-15)
	wantNear(t, "variances of columns", variance[:2], []float64{2.0 / 3, 1400.0 / 3}, 1e-15)
}

func momentsByDefinition(x []float64) (mean, variance float64) {
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	return mean, variance
}

// TestRowsSameBitsAndNoAllocation runs each pass over rows on one processor
// and on two.
func TestRowsSameBitsAndNoAllocation(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	x, y := New[float32](700, 4, 10, 10), New[float32](700, 4, 10, 10)
	Normal(x, rng, 0, 1)
	labels := make([]int, 28000)
	vector, mean, variance := make([]float32, 28000), make([]float64, 28000), make([]float64, 28000)
	g := Pooling{Batch: 700, Channels: 4, Height: 10, Width: 10, KernelH: 2, KernelW: 2, StrideH: 2, StrideW: 2}
	pooled, index := New[float32](700, 4, 5, 5), make([]int32, 700*100)
	for name, f := range map[string]func() []float32{
		"Softmax":             func() []float32 { Softmax(y, x); return y.Data },
		"LogSoftmax":          func() []float32 { LogSoftmax(y, x); return y.Data },
		"LogSumExp":           func() []float32 { LogSumExp(vector, x); return vector },
		"SoftmaxCrossEntropy": func() []float32 { SoftmaxCrossEntropy(vector, y, x, labels, 0.1); return vector },
		"ColumnSums":          func() []float32 { ColumnSums(vector[:100], x, false); return vector },
		"RowSums":             func() []float32 { RowSums(vector, x); return vector },
		"RowMoments":          func() []float32 { RowMoments(mean, variance, x); vector[0] = float32(variance[9]); return vector },
		"ChannelMoments": func() []float32 {
			ChannelMoments(mean[:4], variance[:4], x)
			vector[0] = float32(variance[3])
			return vector
		},
		"MaxPool2D":         func() []float32 { MaxPool2D(pooled, index, x, g); return pooled.Data },
		"MaxPool2DPull":     func() []float32 { MaxPool2DPull(y, pooled, index, g, false); return y.Data },
		"AveragePool2D":     func() []float32 { AveragePool2D(pooled, x, g); return pooled.Data },
		"AveragePool2DPull": func() []float32 { AveragePool2DPull(y, pooled, g, false); return y.Data },
	} {
		many := slices.Clone(f())
		was := runtime.GOMAXPROCS(1)
		one := slices.Clone(f())
		runtime.GOMAXPROCS(was)
		if !slices.EqualFunc(one, many, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
			t.Errorf("%s differs on one processor", name)
		}
		if got := testing.AllocsPerRun(5, func() { f() }); got != 0 {
			t.Errorf("%s allocates %v times", name, got)
		}
	}
}
