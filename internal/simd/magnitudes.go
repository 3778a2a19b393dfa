package simd

import (
	"math"

	"github.com/gradus-ml/gradus/internal/parallel"
)

// Magnitudes returns the least magnitude in x that is not 0, and the largest,
// in bits, which order as the numbers do: an infinity and NaN are above all
// others. The least is 0 where all are 0 or x is empty.
func Magnitudes(x []float32) (least, largest uint32) {
	parts := make([][2]uint32, parallel.Blocks(len(x), block))
	parallel.Run(len(parts), parallel.Func(func(i int) {
		lo, hi := parallel.Span(i, block, len(x))
		// Less one, 0 is out of the way of the least.
		lanes, done := magnitudes(x[lo:hi])
		less, most := ^uint32(0), uint32(0)
		for k := range lanes[0] {
			less, most = min(less, lanes[0][k]), max(most, lanes[1][k])
		}
		for _, v := range x[lo+done : hi] {
			bits := math.Float32bits(v) &^ (1 << 31)
			less, most = min(less, bits-1), max(most, bits)
		}
		parts[i] = [2]uint32{less, most}
	}))
	less := ^uint32(0)
	for _, p := range parts {
		less, largest = min(less, p[0]), max(largest, p[1])
	}
	return less + 1, largest
}

// noMagnitudes are the lanes before any element.
func noMagnitudes() (lanes [2][8]uint32) {
	for k := range lanes[0] {
		lanes[0][k] = ^uint32(0)
	}
	return lanes
}
