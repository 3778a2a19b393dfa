package moments

import (
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// tiedFilter takes its few taps as they are: E y = Σ wₖ·E x + b and
// V y = Σ wₖ²·V x, for neighbours that are uncorrelated.
func tiedFilter[F tensor.Float](l *nn.TiedFilter[F], in Moments) (Moments, Pull, error) {
	shape, err := l.OutputShape(in.Shape)
	if err != nil {
		return Moments{}, nil, err
	}
	n, m := in.Shape[len(in.Shape)-1], shape[len(shape)-1]
	if m == 0 {
		return Moments{}, nil, mismatch("input of shape %v is shorter than the filter: there is no output", in.Shape)
	}
	taps := tensor.Convert[float64](l.Weight.Value).Data
	if l.Mask != nil {
		a := taps[0]
		taps = append([]float64{}, tensor.Convert[float64](l.Mask.Value).Data...)
		for k := range taps {
			taps[k] *= a
		}
	}
	bias := 0.0
	if l.Bias != nil {
		bias = float64(l.Bias.Value.Data[0])
	}
	rows := places(in.Shape) / n
	win := window{
		kernel: [2]int{1, len(taps)}, stride: [2]int{1, l.Stride}, padding: [2]int{0, l.Padding}, dilation: [2]int{1, l.Dilation},
		in: [2]int{rows, n}, out: [2]int{rows, m},
	}
	cells := make([]Cell, rows*m)
	for i := range cells {
		y := Cell{Mean: bias}
		win.each(i, func(k, place int) {
			x, w := in.cell(place), taps[k]
			y.Mean += w * x.Mean
			y.Variance += w * w * x.Variance
			y.Covariance += w * w * x.Covariance
		})
		cells[i] = y
	}
	pull := func(g []float64) []float64 {
		dx := make([]float64, rows*n)
		for i := range cells {
			win.each(i, func(k, place int) { dx[place] += taps[k] * taps[k] * at(g, i) })
		}
		return dx
	}
	return in.of(shape, merge(cells)), pull, nil
}
