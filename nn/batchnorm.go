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

	mean, variance []float64 // of the last batch that trained
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
	op := newBatchNorm(p, x, p.Use(l.Weight), p.Use(l.Bias))
	if p.Train {
		l.batchMoments(x.Value)
	}
	for c := range channels {
		mean, variance := float64(l.RunningMean.Value.Data[c]), float64(l.RunningVar.Value.Data[c])
		if p.Train {
			mean, variance = l.mean[c], l.variance[c]
		}
		op.mean[c], op.inverse[c] = F(mean), F(1/math.Sqrt(variance+l.Epsilon))
	}
	op.normalise()
	return autodiff.Record(op.y, op)
}

// batchMoments measures the channels of x and moves the running moments
// towards them.
func (l *BatchNorm[F]) batchMoments(x *tensor.Tensor[F]) {
	channels := x.Shape[1]
	if len(l.mean) != channels {
		l.mean, l.variance = make([]float64, channels), make([]float64, channels)
	}
	tensor.ChannelMoments(l.mean, l.variance, x)
	n := float64(len(x.Data) / channels)
	if n == 0 {
		return
	}
	for c, mean := range l.mean {
		m, v := &l.RunningMean.Value.Data[c], &l.RunningVar.Value.Data[c]
		*m = F((1-l.Momentum)*float64(*m) + l.Momentum*mean)
		if n > 1 {
			*v = F((1-l.Momentum)*float64(*v) + l.Momentum*l.variance[c]*n/(n-1))
		}
	}
}

// OutputShape is the input's shape.
func (l *BatchNorm[F]) OutputShape(input []int) ([]int, error) {
	if channels := l.RunningMean.Value.Shape[0]; len(input) < 1 || input[0] != channels {
		return nil, fmt.Errorf("batchnorm: input of shape %v, want [%d …]", input, channels)
	}
	return input, nil
}
