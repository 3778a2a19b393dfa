package moments

import "math"

// FanCounts are how many weights meet at a place of a layer.
type FanCounts struct {
	In  int // that one output reads through
	Out int // that one input is read through where strides are 1

	// Backward is the mean number that one input is read through: Out divided
	// by the product of the strides.
	Backward float64
}

// Fans returns the fans of a convolution with the given kernel and stride, one
// number for each dimension, or of a linear layer where both are empty:
//
//	in = channels/groups·∏ kernel, out = outputs/groups·∏ kernel
//
// PyTorch's fan-out forgets the groups. Groups that do not divide both channel
// counts are an error. Source: docs/node-statistics.md.
func Fans(inChannels, outChannels int, kernel []int, groups int, stride []int) (FanCounts, error) {
	if err := checkCounts(1, map[string]int{"in_channels": inChannels, "out_channels": outChannels, "groups": groups}); err != nil {
		return FanCounts{}, err
	}
	if inChannels%groups != 0 || outChannels%groups != 0 {
		return FanCounts{}, invalid("%d groups of %d input and %d output channels: want a divisor of both", groups, inChannels, outChannels)
	}
	if len(kernel) != len(stride) {
		return FanCounts{}, mismatch("kernel %v, stride %v: want as many dimensions", kernel, stride)
	}
	taps, steps := 1, 1
	for i, k := range kernel {
		if err := checkCounts(1, map[string]int{"kernel": k, "stride": stride[i]}); err != nil {
			return FanCounts{}, err
		}
		if taps > math.MaxInt32/k || steps > math.MaxInt32/stride[i] {
			return FanCounts{}, invalid("kernel %v, stride %v: want products below 2^31", kernel, stride)
		}
		taps *= k
		steps *= stride[i]
	}
	f := FanCounts{In: inChannels / groups * taps, Out: outChannels / groups * taps}
	f.Backward = float64(f.Out) / float64(steps)
	return f, nil
}

// The modes of [InitStd].
const (
	FanIn  = "fan_in"  // keeps variances forwards
	FanOut = "fan_out" // keeps variances backwards
	FanAvg = "fan_avg" // the mean of both: Xavier's
)

// InitStd returns the standard deviation gain/√fan of weights, fan being fan-in,
// fan-out or their mean by mode. The uniform distribution that has it lies on
// ±√3 times that. Source: docs/node-statistics.md; Glorot and Bengio 2010; He et
// al. 2015.
func InitStd(mode string, fanIn, fanOut int, gain float64) (float64, error) {
	if err := checkCounts(1, map[string]int{"fan_in": fanIn, "fan_out": fanOut}); err != nil {
		return 0, err
	}
	if err := checkVariances(number{"gain", gain}); err != nil {
		return 0, err
	}
	switch mode {
	case FanIn:
		return gain / math.Sqrt(float64(fanIn)), nil
	case FanOut:
		return gain / math.Sqrt(float64(fanOut)), nil
	case FanAvg:
		return gain / math.Sqrt((float64(fanIn)+float64(fanOut))/2), nil
	}
	return 0, invalid("mode %q: want fan_in, fan_out or fan_avg", mode)
}
