package moments

import (
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// tap is what the weights of one place of a kernel are like.
type tap struct{ mean, variance float64 }

// conv2D: as linear, over the taps that lie inside the image, so that places
// near the border have less variance. Taps differ, as a delta-orthogonal kernel
// needs.
func conv2D[F tensor.Float](l *nn.Conv2D[F], in Moments) (Moments, Pull, error) {
	shape, err := l.OutputShape(in.Shape)
	if err != nil {
		return Moments{}, nil, err
	}
	ws := l.Weight.Value.Shape
	taps := tapsOf(l.Weight.Value)
	var biasMean, biasVariance float64
	if l.Bias != nil {
		biasMean, biasVariance = sample(l.Bias.Value.Data)
	}
	win := window{
		kernel: [2]int{ws[2], ws[3]}, stride: l.Stride, padding: l.Padding, dilation: l.Dilation,
		in: [2]int{in.Shape[1], in.Shape[2]}, out: [2]int{shape[1], shape[2]},
	}
	n := float64(ws[1])
	cells := make([]Cell, shape[1]*shape[2])
	for i := range cells {
		y := Cell{Mean: biasMean, Variance: biasVariance, Covariance: biasVariance}
		win.each(i, func(k, place int) {
			x, t := in.cell(place), taps[k]
			y.Mean += n * t.mean * x.Mean
			y.Variance += n * (t.variance*x.second() + t.mean*t.mean*x.Variance)
			y.Covariance += n * (t.variance*(x.Covariance+x.Mean*x.Mean) + t.mean*t.mean*x.Covariance)
		})
		cells[i] = y
	}
	readers := float64(ws[0] / l.Groups) // outputs that read one input, tap by tap
	pull := func(g []float64) []float64 {
		dx := make([]float64, win.in[0]*win.in[1])
		for i := range cells {
			win.each(i, func(k, place int) {
				dx[place] += readers * (taps[k].variance + taps[k].mean*taps[k].mean) * at(g, i)
			})
		}
		return dx
	}
	return in.of(shape, merge(cells)), pull, nil
}

func tapsOf[F tensor.Float](weight *tensor.Tensor[F]) []tap {
	area := weight.Shape[2] * weight.Shape[3]
	values := make([]F, len(weight.Data)/area)
	taps := make([]tap, area)
	for k := range taps {
		for i := range values {
			values[i] = weight.Data[i*area+k]
		}
		taps[k].mean, taps[k].variance = sample(values)
	}
	return taps
}

// at is the number of a place among one for all or one for each.
func at(g []float64, place int) float64 {
	if len(g) == 1 {
		return g[0]
	}
	return g[place]
}
