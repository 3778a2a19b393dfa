package nn

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// planes reads a tensor [batch, channels, …] as batch × channels slices of
// area elements.
type planes struct{ batch, channels, area int }

func planesOf(shape []int) planes {
	return planes{shape[0], shape[1], tensor.Size(shape[2:])}
}

// elements is how many there are in one channel.
func (s planes) elements() int { return s.batch * s.area }

// plane returns the range of example n's channel c.
func (s planes) plane(n, c int) (lo, hi int) {
	lo = (n*s.channels + c) * s.area
	return lo, lo + s.area
}

// channelSum returns the sum over one channel of x, in float64.
func channelSum[F tensor.Float](s planes, c int, x []F) float64 {
	total := 0.0
	if s.area == 1 {
		for i := c; i < len(x); i += s.channels {
			total += float64(x[i])
		}
		return total
	}
	for n := range s.batch {
		lo, hi := s.plane(n, c)
		total += simd.Sum(x[lo:hi])
	}
	return total
}
