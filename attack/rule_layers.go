package attack

import (
	"math"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// newDense is the rule of a Linear layer.
func newDense[F tensor.Float](l *nn.Linear[F]) *linearMap {
	w := tensor.Convert[float64](l.Weight.Value)
	abs := absolute(w)
	m := &linearMap{terms: w.Shape[1]}
	if l.Bias != nil {
		m.bias = wide(l.Bias.Value.Data)
	}
	m.times = func(y, x []float64, absolute bool) {
		by := w
		if absolute {
			by = abs
		}
		tensor.MatMul(tensor.From(y, 1, len(y)), tensor.From(x, 1, len(x)), by, tensor.Product[float64]{TransB: true})
	}
	m.transposed = func(dx, dy *tensor.Tensor[float64]) {
		tensor.MatMul(dx, dy, w, tensor.Product[float64]{Add: true})
	}
	return m
}

// newConvolution is the rule of a Conv2D layer on images of a shape.
func newConvolution[F tensor.Float](l *nn.Conv2D[F], shape []int) *linearMap {
	w := tensor.Convert[float64](l.Weight.Value)
	abs := absolute(w)
	channels, height, width := image(shape)
	geometry := func(batch int) tensor.ConvGeometry {
		return tensor.ConvGeometry{
			Batch: batch, InChannels: channels, Height: height, Width: width,
			OutChannels: w.Shape[0], KernelH: w.Shape[2], KernelW: w.Shape[3],
			StrideH: l.Stride[0], StrideW: l.Stride[1], PadH: l.Padding[0], PadW: l.Padding[1],
			DilationH: l.Dilation[0], DilationW: l.Dilation[1], Groups: l.Groups,
		}
	}
	g := geometry(1)
	rows, cols := g.OutHeight(), g.OutWidth()
	m := &linearMap{terms: w.Shape[1] * w.Shape[2] * w.Shape[3]}
	if l.Bias != nil {
		for _, b := range l.Bias.Value.Data {
			for range rows * cols {
				m.bias = append(m.bias, float64(b))
			}
		}
	}
	m.times = func(y, x []float64, absolute bool) {
		by := w
		if absolute {
			by = abs
		}
		tensor.Conv2D(tensor.From(y, 1, g.OutChannels, rows, cols), tensor.From(x, 1, channels, height, width), by, nil, g)
	}
	m.transposed = func(dx, dy *tensor.Tensor[float64]) {
		g := geometry(dx.Shape[0])
		tensor.Conv2DInputGradient(dx.Reshape(g.Batch, channels, height, width), dy.Reshape(g.Batch, g.OutChannels, rows, cols), w, g, true)
	}
	return m
}

// newAverage is the rule of an AvgPool2D layer on images of a shape.
func newAverage[F tensor.Float](l *nn.AvgPool2D[F], shape []int) *linearMap {
	g := pooling(shape, l.Kernel, l.Stride, l.Padding)
	g.ExcludePadding = l.ExcludePadding
	rows, cols := g.OutHeight(), g.OutWidth()
	m := &linearMap{terms: g.KernelH*g.KernelW + 2}
	m.times = func(y, x []float64, _ bool) {
		tensor.AveragePool2D(tensor.From(y, 1, g.Channels, rows, cols), tensor.From(x, 1, g.Channels, g.Height, g.Width), g)
	}
	m.transposed = func(dx, dy *tensor.Tensor[float64]) {
		g := g
		g.Batch = dx.Shape[0]
		tensor.AveragePool2DPull(dx.Reshape(g.Batch, g.Channels, g.Height, g.Width), dy.Reshape(g.Batch, g.Channels, rows, cols), g, true)
	}
	return m
}

// pooling is the geometry of windows over one image.
func pooling(shape []int, kernel, stride, padding [2]int) tensor.Pooling {
	channels, height, width := image(shape)
	return tensor.Pooling{
		Batch: 1, Channels: channels, Height: height, Width: width,
		KernelH: kernel[0], KernelW: kernel[1], StrideH: stride[0], StrideW: stride[1], PadH: padding[0], PadW: padding[1],
	}
}

// diagonal is a rule y = scale·x + bias, element by element. The network
// computes it with a few roundings relative to |scale|·(|x| + |centre|) + |bias|.
type diagonal struct {
	linearMap
	scale []float64
}

// newDiagonal returns the rule of y = scale·(x − centre) + shift, computed in a
// few roundings.
func newDiagonal(scale, centre, shift []float64) *diagonal {
	d := &diagonal{scale: scale}
	d.terms = 8
	d.bias = make([]float64, len(scale))
	reach := make([]float64, len(scale)) // of the constants, before they cancel
	for i, s := range scale {
		d.bias[i] = shift[i] - s*centre[i]
		reach[i] = math.Abs(s*centre[i]) + math.Abs(shift[i])
	}
	d.times = func(y, x []float64, abs bool) {
		for i, s := range d.scale {
			y[i] = s * x[i]
			if abs {
				y[i] = math.Abs(s) * x[i]
			}
		}
	}
	d.transposed = func(dx, dy *tensor.Tensor[float64]) {
		for k := range dx.Shape[0] {
			to, from := dx.Row(k), dy.Row(k)
			for i, s := range d.scale {
				to[i] += s * from[i]
			}
		}
	}
	d.extra = reach
	return d
}

// newDiagonalOfBatchNorm is the rule of a BatchNorm layer with its running
// moments.
func newDiagonalOfBatchNorm[F tensor.Float](l *nn.BatchNorm[F], size int) *diagonal {
	mean, variance := l.RunningMean.Value.Data, l.RunningVar.Value.Data
	scale, centre, shift := make([]float64, size), make([]float64, size), make([]float64, size)
	area := size / len(mean)
	for i := range scale {
		c := i / area
		scale[i], centre[i] = 1/math.Sqrt(float64(variance[c])+l.Epsilon), float64(mean[c])
		if l.Weight != nil {
			scale[i] *= float64(l.Weight.Value.Data[c])
		}
		if l.Bias != nil {
			shift[i] = float64(l.Bias.Value.Data[c])
		}
	}
	return newDiagonal(scale, centre, shift)
}

// newDiagonalOfStandardize is the rule of a [Standardize] layer.
func newDiagonalOfStandardize[F tensor.Float](l *Standardize[F], size int) *diagonal {
	scale, centre := make([]float64, size), make([]float64, size)
	area := size / len(l.Mean)
	for i := range scale {
		scale[i], centre[i] = 1/float64(l.Std[i/area]), float64(l.Mean[i/area])
	}
	return newDiagonal(scale, centre, make([]float64, size))
}
