package nn

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// BatchNorm normalises each channel of x [batch, channels] or
// [batch, channels, height, width] (any shape with channels second) and then
// scales and shifts it:
//
//	y = Weight·(x − mean)/√(variance + Epsilon) + Bias
//
// While the pass trains, mean and variance (divisor n) are those of the batch,
// over all but the channels, and move the running ones: running ← (1−Momentum)·
// running + Momentum·batch, with the unbiased variance (divisor n−1). Where it
// does not, the running ones are used. All as PyTorch does, except that a
// channel of one value, whose unbiased variance does not exist, is no error:
// it gives y = Bias and leaves the running variance alone.
//
// Source: Ioffe and Szegedy 2015.
type BatchNorm[F tensor.Float] struct {
	Weight, Bias            *Param[F]  // [channels], or nil for 1 and 0
	RunningMean, RunningVar *Buffer[F] // [channels]
	Momentum                float64    // in [0, 1]
	Epsilon                 float64    // positive
}

// NewBatchNorm returns a layer with weight 1, bias 0, running mean 0 and
// variance 1, Momentum 0.1 and Epsilon 1e-5. It panics unless channels is
// positive.
func NewBatchNorm[F tensor.Float](channels int) *BatchNorm[F] {
	mustBePositive("nn.NewBatchNorm", channels)
	l := &BatchNorm[F]{
		Weight:      NewParam[F](channels),
		Bias:        NewParam[F](channels),
		RunningMean: &Buffer[F]{Value: tensor.New[F](channels)},
		RunningVar:  &Buffer[F]{Value: tensor.New[F](channels)},
		Momentum:    0.1,
		Epsilon:     1e-5,
	}
	l.Weight.Value.Fill(1)
	l.RunningVar.Value.Fill(1)
	return l
}

// Validate reports fields that do not fit together.
func (l *BatchNorm[F]) Validate() error {
	if l.RunningMean == nil || l.RunningVar == nil {
		return fmt.Errorf("batchnorm: running_mean and running_var are needed, [channels] each")
	}
	mean, variance := shapeOf(l.RunningMean.Value), shapeOf(l.RunningVar.Value)
	if len(mean) != 1 || mean[0] < 1 || len(variance) != 1 || variance[0] != mean[0] {
		return fmt.Errorf("batchnorm: running_mean of shape %v and running_var of shape %v: want [channels]", mean, variance)
	}
	if err := checkOptional("batchnorm", "weight", l.Weight, mean[0]); err != nil {
		return err
	}
	if err := checkOptional("batchnorm", "bias", l.Bias, mean[0]); err != nil {
		return err
	}
	if !(l.Momentum >= 0 && l.Momentum <= 1) {
		return fmt.Errorf("batchnorm: momentum %v: want one in [0, 1]", l.Momentum)
	}
	return checkEpsilon("batchnorm", l.Epsilon)
}

// checkEpsilon returns an error unless what keeps a division finite is
// positive.
func checkEpsilon(layer string, epsilon float64) error {
	if !(epsilon > 0) || math.IsInf(epsilon, 1) {
		return fmt.Errorf("%s: epsilon %v: want a positive number", layer, epsilon)
	}
	return nil
}

// Forward returns the normalised x, and moves the running moments if the pass
// trains.
func (l *BatchNorm[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	xs, channels := x.Shape(), l.RunningMean.Value.Shape[0]
	if len(xs) < 2 || xs[1] != channels {
		panic(tensor.Mismatch("nn.BatchNorm", fmt.Sprintf("[batch %d …]", channels), xs))
	}
	op := batchNorm[F]{
		x: x, weight: p.Use(l.Weight), bias: p.Use(l.Bias),
		mean: p.Tape.Scratch(channels), inverse: p.Tape.Scratch(channels),
		planes: planesOf(xs), train: p.Train,
	}
	inputs := [3]*autodiff.Var[F]{x, x, x}
	if op.weight != nil {
		inputs[1] = op.weight
	}
	if op.bias != nil {
		inputs[2] = op.bias
	}
	op.y = p.Tape.Output(xs, inputs[:]...)
	for c := range channels {
		mean, variance := float64(l.RunningMean.Value.Data[c]), float64(l.RunningVar.Value.Data[c])
		if p.Train {
			mean, variance = channelMoments(op.planes, c, x.Value.Data)
			l.follow(c, mean, variance, float64(op.planes.elements()))
		}
		op.mean[c], op.inverse[c] = F(mean), F(1/math.Sqrt(variance+l.Epsilon))
		op.normalise(c)
	}
	return autodiff.Record(op.y, op)
}

// follow moves channel c's running moments towards those of n values.
func (l *BatchNorm[F]) follow(c int, mean, variance, n float64) {
	m, v := &l.RunningMean.Value.Data[c], &l.RunningVar.Value.Data[c]
	*m = F((1-l.Momentum)*float64(*m) + l.Momentum*mean)
	if n > 1 {
		*v = F((1-l.Momentum)*float64(*v) + l.Momentum*variance*n/(n-1))
	}
}

// OutputShape is the input's shape.
func (l *BatchNorm[F]) OutputShape(input []int) ([]int, error) {
	if channels := l.RunningMean.Value.Shape[0]; len(input) < 1 || input[0] != channels {
		return nil, fmt.Errorf("batchnorm: input of shape %v, want [%d …]", input, channels)
	}
	return input, nil
}

type batchNorm[F tensor.Float] struct {
	x, weight, bias, y *autodiff.Var[F]
	mean, inverse      []F // of the variance's root, [channels]
	planes             planes
	train              bool
}

// normalise computes channel c of y.
func (op *batchNorm[F]) normalise(c int) {
	scale, shift := op.inverse[c], F(0)
	if op.weight != nil {
		scale *= op.weight.Value.Data[c]
	}
	if op.bias != nil {
		shift = op.bias.Value.Data[c]
	}
	mean := op.mean[c]
	for n := range op.planes.batch {
		lo, hi := op.planes.plane(n, c)
		y := op.y.Value.Data[lo:hi]
		for i, v := range op.x.Value.Data[lo:hi] {
			y[i] = (v-mean)*scale + shift
		}
	}
}

// Pull, with z = (x − mean)·inverse: db += Σ dy, dw += Σ dy·z, and, while
// training, dx += w·inverse·(dy − Σdy/n − z·Σ(dy·z)/n); with the running
// moments, which are constants, dx += w·inverse·dy.
func (op *batchNorm[F]) Pull() {
	dx := op.x.Accumulate()
	var dw, db []F
	if op.weight != nil {
		dw = op.weight.Accumulate()
	}
	if op.bias != nil {
		db = op.bias.Accumulate()
	}
	for c := range op.planes.channels {
		sum, withZ := op.sums(c)
		if dw != nil {
			dw[c] += F(withZ)
		}
		if db != nil {
			db[c] += F(sum)
		}
		if dx != nil {
			op.pullInput(dx, c, sum, withZ)
		}
	}
}

// sums returns Σ dy and Σ dy·z of channel c.
func (op *batchNorm[F]) sums(c int) (sum, withZ float64) {
	mean := float64(op.mean[c])
	for n := range op.planes.batch {
		lo, hi := op.planes.plane(n, c)
		x := op.x.Value.Data[lo:hi]
		for i, dy := range op.y.Grad.Data[lo:hi] {
			sum += float64(dy)
			withZ += float64(dy) * (float64(x[i]) - mean)
		}
	}
	return sum, withZ * float64(op.inverse[c])
}

func (op *batchNorm[F]) pullInput(dx []F, c int, sum, withZ float64) {
	scale := float64(op.inverse[c])
	if op.weight != nil {
		scale *= float64(op.weight.Value.Data[c])
	}
	var level, slope F // of what is subtracted from scale·dy: level + slope·(x−mean)
	if op.train {
		n := float64(op.planes.elements())
		level = F(scale * sum / n)
		slope = F(scale * withZ / n * float64(op.inverse[c]))
	}
	s, mean := F(scale), op.mean[c]
	for n := range op.planes.batch {
		lo, hi := op.planes.plane(n, c)
		x, dy := op.x.Value.Data[lo:hi], op.y.Grad.Data[lo:hi]
		for i, g := range dy {
			dx[lo+i] += s*g - level - slope*(x[i]-mean)
		}
	}
}

// channelMoments returns the mean and the variance, with divisor n, of one
// channel. The second pass over the data avoids the cancellation of E x² − μ².
func channelMoments[F tensor.Float](s planes, c int, x []F) (mean, variance float64) {
	count := float64(s.elements())
	mean = channelSum(s, c, x) / count
	for n := range s.batch {
		lo, hi := s.plane(n, c)
		for _, v := range x[lo:hi] {
			d := float64(v) - mean
			variance += d * d
		}
	}
	return mean, variance / count
}
