package moments

import (
	"math"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// scaling is an affine map with a scale and a shift for each channel: its
// moments over the channels.
type scaling struct{ scale, scaleSecond, shift, shiftSecond, product float64 }

// scalingOf measures y = weight·x·factor + bias − weight·offset·factor.
func scalingOf[F tensor.Float](n int, weight, bias *nn.Param[F], factor, offset func(i int) float64) scaling {
	var s scaling
	for i := range n {
		a, b := factor(i), 0.0
		if weight != nil {
			a *= float64(weight.Value.Data[i])
		}
		if bias != nil {
			b = float64(bias.Value.Data[i])
		}
		b -= a * offset(i)
		s.scale += a / float64(n)
		s.scaleSecond += a * a / float64(n)
		s.shift += b / float64(n)
		s.shiftSecond += b * b / float64(n)
		s.product += a * b / float64(n)
	}
	return s
}

func (s scaling) cell(x Cell) Cell {
	mean := s.scale*x.Mean + s.shift
	from := func(second float64) float64 {
		return max(0, s.scaleSecond*second+2*s.product*x.Mean+s.shiftSecond-mean*mean)
	}
	return Cell{Mean: mean, Variance: from(x.second()), Covariance: from(x.Covariance + x.Mean*x.Mean)}
}

// rescale applies the map to every cell; g is the factor of the gradient.
func rescale(in Moments, cells []Cell, s scaling) (Moments, Pull, error) {
	out := in.of(in.Shape, make([]Cell, len(cells)))
	for i, c := range cells {
		out.Cells[i] = s.cell(c)
	}
	for r, list := range in.shared {
		for i := range out.shared[r] {
			v := list[min(i, len(list)-1)]
			out.shared[r][i] = joint{v.same * s.scale, v.cross * s.scale}
		}
	}
	out.plain()
	pull := func(g []float64) []float64 {
		dx := make([]float64, len(g))
		for i, v := range g {
			dx[i] = v * s.scaleSecond
		}
		return dx
	}
	return out, pull, nil
}

// batchNorm: while training, each channel loses its mean over the batch, which
// is what examples have in common, and is divided by what deviation is left;
// that the batch's moments depend on the batch is a correction of order 1/batch
// that is left out. Evaluating, it is the affine map of the running moments.
func batchNorm[F tensor.Float](l *nn.BatchNorm[F], in Moments, mode Mode) (Moments, Pull, error) {
	channels := l.RunningMean.Value.Shape[0]
	if in.Shape[0] != channels {
		return Moments{}, nil, mismatch("input of shape %v: want %d channels", in.Shape, channels)
	}
	running := func(b *nn.Buffer[F], i int) float64 { return float64(b.Value.Data[i]) }
	if mode == Evaluating {
		return rescale(in, in.Cells, scalingOf(channels, l.Weight, l.Bias,
			func(i int) float64 { return 1 / math.Sqrt(running(l.RunningVar, i)+l.Epsilon) },
			func(i int) float64 { return running(l.RunningMean, i) }))
	}
	all := in.Pooled()
	if len(in.Shape) <= 2 { // the places are channels, each with its own mean
		all.Mean, all.Variance, all.Covariance = 0, average(own(in.Cells)), 0
	} else {
		// What the channel's own mean is: common to examples and to places.
		common := 0.0
		for _, c := range in.Cells {
			common += c.Covariance / float64(len(in.Cells))
		}
		all.Variance, all.Covariance = max(0, all.Variance-common), common
	}
	cells := make([]Cell, len(in.Cells))
	for i, c := range in.Cells {
		mean := c.Mean - all.Mean
		cells[i] = Cell{Mean: mean, Variance: max(0, c.Variance-all.Covariance), Covariance: max(0, c.Covariance-all.Covariance)}
		if len(in.Shape) <= 2 {
			cells[i] = Cell{Variance: max(0, c.Variance-c.Covariance)}
		}
	}
	factor := 1 / math.Sqrt(all.Variance+l.Epsilon)
	return rescale(in, cells, scalingOf(channels, l.Weight, l.Bias, func(int) float64 { return factor }, func(int) float64 { return 0 }))
}

// own lists the variances that examples do not have in common.
func own(cells []Cell) []float64 {
	list := make([]float64, len(cells))
	for i, c := range cells {
		list[i] = max(0, c.Variance-c.Covariance)
	}
	return list
}

// layerNorm: each example loses its mean over the units, and is divided by
// their deviation; that these depend on the units is a correction of order
// 1/width that is left out.
func layerNorm[F tensor.Float](l *nn.LayerNorm[F], in Moments) (Moments, Pull, error) {
	if _, err := l.OutputShape(in.Shape); err != nil {
		return Moments{}, nil, err
	}
	all := in.Pooled()
	cells := make([]Cell, len(in.Cells))
	for i, c := range in.Cells {
		cells[i] = Cell{Mean: c.Mean - all.Mean, Variance: c.Variance, Covariance: c.Covariance}
	}
	factor := 1 / math.Sqrt(all.Variance+l.Epsilon)
	return rescale(in, cells, scalingOf(len(l.Weight.Value.Data), l.Weight, l.Bias, func(int) float64 { return factor }, func(int) float64 { return 0 }))
}
