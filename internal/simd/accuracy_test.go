package simd

import (
	"flag"
	"math"
	"testing"
)

var step = flag.Uint64("step", 4001, "try one float32 in so many; 1 tries all, and takes an hour")

type accuracy struct {
	name string
	f    func(dst, x []float32)
	want func(x float64) float64
	ulps float64
}

// accuracies are the float32 functions, what they should be and by how many
// units in the last place they may be off: the figures of their comments.
func accuracies() []accuracy {
	return []accuracy{
		{"Exp", Exp[float32], exp, 1},
		{"Log", Log[float32], log, 1},
		{"Tanh", Tanh[float32], math.Tanh, 2},
		{"Sigmoid", Sigmoid[float32], sigmoid, 2},
		{"Softplus", Softplus[float32], func(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }, 2},
		{"SiLU", SiLU[float32], silu, 3},
		{"GELU", GELU[float32], func(x float64) float64 { return max(x, -geluFar) * normalCDF(x) }, 7},
	}
}

// TestAccuracy32 goes through the whole range of float32 in bit order: both
// signs, subnormal numbers, infinities and NaN.
func TestAccuracy32(t *testing.T) {
	const chunk = 1 << 16
	x, y := make([]float32, chunk), make([]float32, chunk)
	atEveryLevel(t, func(t *testing.T) {
		cases := accuracies()
		worst, where := make([]float64, len(cases)), make([]float32, len(cases))
		for from := uint64(0); from < 1<<32; from += chunk * *step {
			for i := range x {
				x[i] = math.Float32frombits(uint32(from + uint64(i)**step))
			}
			for c := range cases {
				cases[c].f(y, x)
				for i := range x {
					if off := ulpsOff(y[i], cases[c].want(float64(x[i]))); off > worst[c] {
						worst[c], where[c] = off, x[i]
					}
				}
			}
		}
		for c := range cases {
			t.Logf("%s: %.3f ulp at %v", cases[c].name, worst[c], where[c])
			if !(worst[c] <= cases[c].ulps) {
				t.Errorf("%s is off by %.3f ulp at %v, want at most %v", cases[c].name, worst[c], where[c], cases[c].ulps)
			}
		}
	})
}

// ulpsOff returns how far got is from want in units of the last place of want
// rounded to float32. Infinity counts as 2^128.
func ulpsOff(got float32, want float64) float64 {
	if got != got || want != want {
		if got != got && want != want {
			return 0
		}
		return math.Inf(1)
	}
	clip := func(v float64) float64 { return max(-0x1p128, min(v, 0x1p128)) }
	const last = 0x1.fffffcp127 // has a successor
	place := float32(max(-last, min(want, last)))
	return math.Abs(clip(float64(got))-clip(want)) / unit(place)
}
