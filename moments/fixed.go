package moments

import (
	"fmt"
	"math"
	"strconv"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// MaxFixed is how wide a layer may be for [PropagateFixed], whose work grows
// with the cube of the width and whose memory with the square.
const MaxFixed = 4096

// PropagateFixed predicts as [Propagate] does, but for the very weights that
// the model has: over inputs alone, it follows the mean of every unit and the
// covariance of every two, E y = W·E x + b and Cov y = W·Cov x·Wᵀ. In a deep
// network of finite width one draw of the weights departs from the mean over
// draws: by 20% after ten ReLU layers of 1024 units; this departs by a fraction
// of one. Activations see a normal variable in each unit; covariances go
// through them by their Hermite coefficients. It serves Sequential, Linear,
// NormalizedLinear, activations, Flatten, Reshape, Dropout and, Evaluating,
// BatchNorm, up to [MaxFixed] units wide; another layer is an error.
//
// Source: docs/node-statistics.md.
func PropagateFixed[F tensor.Float](model nn.Layer[F], in Moments, mode Mode) (*Table, error) {
	f, err := newFixed[F](in, mode)
	if err != nil {
		return nil, err
	}
	return f.run(model)
}

// run goes through the model and back.
func (f *fixed[F]) run(model nn.Layer[F]) (*Table, error) {
	f.row("input", "input")
	if err := f.layer("", model); err != nil {
		return nil, err
	}
	g := make([]float64, len(f.mean))
	for i := range g {
		g[i] = 1
	}
	for i := len(f.pulls) - 1; i >= 0; i-- {
		f.table.Rows[i+1].Predicted.Gradient = average(g)
		g = f.pulls[i](g)
	}
	f.table.Rows[0].Predicted.Gradient = average(g)
	return &f.table, nil
}

func newFixed[F tensor.Float](in Moments, mode Mode) (*fixed[F], error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	size := tensor.Size(in.Shape)
	if size > MaxFixed {
		return nil, invalid("an input of %d elements: want at most %d", size, MaxFixed)
	}
	f := &fixed[F]{mode: mode, mean: make([]float64, size), covariance: tensor.New[float64](size, size), shape: in.Shape}
	for i := range size {
		c := in.cell(i % max(1, len(in.Cells)))
		// What the inputs' examples share is no part of how they differ; a
		// mean of its size, of either sign, stands for it.
		f.mean[i] = c.Mean + math.Copysign(math.Sqrt(c.Covariance), float64(i%2)-0.5)
		f.covariance.Data[i*size+i] = c.Variance - c.Covariance
	}
	return f, nil
}

// fixed is how far the propagation has come.
type fixed[F tensor.Float] struct {
	mode       Mode
	table      Table
	pulls      []func(g []float64) []float64 // of each row after the first
	shape      []int
	mean       []float64
	covariance *tensor.Tensor[float64]

	// after, where it is set, may scale a layer's weights and outputs.
	after func(path string, layer nn.Layer[F]) error
}

// moments returns, over the units, the mean, the mean of the squared means and
// the mean of the variances.
func (f *fixed[F]) moments() (mean, second, trace float64) {
	n := len(f.mean)
	for i, m := range f.mean {
		mean += m / float64(n)
		second += m * m / float64(n)
		trace += f.covariance.Data[i*n+i] / float64(n)
	}
	return mean, second, trace
}

func (f *fixed[F]) row(path, kind string) {
	mean, second, trace := f.moments()
	v := Values{Mean: mean, Variance: max(0, second+trace-mean*mean)}
	if second+trace > 0 {
		v.Likeness = second / (second + trace)
	}
	f.table.Rows = append(f.table.Rows, Row{Path: path, Kind: kind, Shape: f.shape, Predicted: v})
}

func (f *fixed[F]) layer(path string, layer nn.Layer[F]) error {
	if s, ok := layer.(nn.Sequential[F]); ok {
		for i, inner := range s {
			if err := f.layer(join(path, strconv.Itoa(i)), inner); err != nil {
				return err
			}
		}
		return nil
	}
	shape, err := layer.OutputShape(f.shape)
	if err != nil {
		return fmt.Errorf("layer %s: %w", path, err)
	}
	if n := tensor.Size(shape); n > MaxFixed {
		return invalid("layer %s: %d units: want at most %d", path, n, MaxFixed)
	}
	pull := func(g []float64) []float64 { return g }
	switch l := layer.(type) {
	case *nn.Linear[F]:
		var bias []float64
		if l.Bias != nil {
			bias = tensor.Convert[float64](l.Bias.Value).Data
		}
		pull = f.linear(tensor.Convert[float64](l.Weight.Value), bias)
	case *nn.NormalizedLinear[F]:
		if err := l.CheckNorms(); err != nil {
			return fmt.Errorf("layer %s: %w", path, err)
		}
		pull = f.linear(normalisedWeights(l))
	case nn.Flatten[F], *nn.Reshape[F]:
	case nn.Dropout[F]:
		if f.mode == Training {
			pull = f.dropout(l.Rate)
		}
	case *nn.BatchNorm[F]:
		if f.mode == Training {
			return invalid("layer %s: no rule for batchnorm while training with fixed weights: want Propagate, or Evaluating", path)
		}
		pull = f.affine(runningScale(l, tensor.Size(shape)/shape[0]))
	default:
		function, ok := functionOf(layer)
		if !ok {
			return invalid("layer %s: no rule for %s with fixed weights: want Propagate", path, nn.KindOf(layer))
		}
		pull = f.activation(function)
	}
	if f.after != nil {
		if err := f.after(path, layer); err != nil {
			return fmt.Errorf("layer %s: %w", path, err)
		}
	}
	f.shape = shape
	f.row(path, nn.KindOf(layer))
	f.pulls = append(f.pulls, pull)
	return nil
}

func (f *fixed[F]) linear(w *tensor.Tensor[float64], bias []float64) func(g []float64) []float64 {
	out, in := w.Shape[0], w.Shape[1]
	mean := tensor.New[float64](1, out)
	tensor.MatMul(mean, tensor.From(f.mean, 1, in), w, tensor.Product[float64]{TransB: true, Bias: bias})
	half, whole := tensor.New[float64](out, in), tensor.New[float64](out, out)
	tensor.MatMul(half, w, f.covariance, tensor.Product[float64]{})
	tensor.MatMul(whole, half, w, tensor.Product[float64]{TransB: true})
	f.mean, f.covariance = mean.Data, whole
	return func(g []float64) []float64 {
		squared, dx := tensor.New[float64](out, in), tensor.New[float64](1, in)
		for i, v := range w.Data {
			squared.Data[i] = v * v
		}
		tensor.MatMul(dx, tensor.From(g, 1, out), squared, tensor.Product[float64]{})
		return dx.Data
	}
}

func (f *fixed[F]) dropout(rate float64) func(g []float64) []float64 {
	n := len(f.mean)
	for i, m := range f.mean {
		v := &f.covariance.Data[i*n+i]
		*v = (*v + rate*m*m) / (1 - rate)
	}
	return func(g []float64) []float64 {
		dx := make([]float64, len(g))
		for i, v := range g {
			dx[i] = v / (1 - rate)
		}
		return dx
	}
}

// affine applies y = scale·x + shift, unit by unit.
func (f *fixed[F]) affine(scale, shift []float64) func(g []float64) []float64 {
	n := len(f.mean)
	for i, s := range scale {
		f.mean[i] = s*f.mean[i] + shift[i]
		for j, t := range scale {
			f.covariance.Data[i*n+j] *= s * t
		}
	}
	return func(g []float64) []float64 {
		dx := make([]float64, len(g))
		for i, v := range g {
			dx[i] = v * scale[i] * scale[i]
		}
		return dx
	}
}

// runningScale is BatchNorm's affine map, channel by channel, area units each.
func runningScale[F tensor.Float](l *nn.BatchNorm[F], area int) (scale, shift []float64) {
	for c, v := range l.RunningVar.Value.Data {
		a, b := 1/math.Sqrt(float64(v)+l.Epsilon), 0.0
		if l.Weight != nil {
			a *= float64(l.Weight.Value.Data[c])
		}
		if l.Bias != nil {
			b = float64(l.Bias.Value.Data[c])
		}
		b -= a * float64(l.RunningMean.Value.Data[c])
		for range area {
			scale, shift = append(scale, a), append(shift, b)
		}
	}
	return scale, shift
}
