package report

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// mostTicks is how many labels an axis has at most, about.
const mostTicks = 6

// ticksOf returns ticks at the multiples of 1, 2 or 5 times a power of ten
// between two numbers, with labels as short as they can be, and unlabelled ones
// halfway.
func ticksOf(lo, hi float64) []plot.Tick {
	if !(lo < hi) || math.IsInf(hi-lo, 1) {
		return []plot.Tick{{Value: lo, Label: strconv.FormatFloat(lo, 'g', 4, 64)}}
	}
	factor, power := step((hi - lo) / mostTicks)
	// Half a step is 5 times the next lower power, a whole number of them.
	half := float64(factor*5) * math.Pow(10, float64(power-1))
	rounding := (hi - lo) * 1e-9
	var ticks []plot.Tick
	for i := math.Ceil((lo - rounding) / half); i*half <= hi+rounding; i++ {
		tick := plot.Tick{Value: min(max(i*half, lo), hi)}
		if math.Mod(i, 2) == 0 {
			tick.Label = label(i*half, power)
		}
		ticks = append(ticks, tick)
	}
	return ticks
}

// step returns the least of 1, 2 and 5 times a power of ten that is not below a
// number above 0.
func step(least float64) (factor, power int) {
	power = int(math.Floor(math.Log10(least)))
	for {
		for _, factor = range []int{1, 2, 5} {
			if float64(factor)*math.Pow(10, float64(power)) >= least*(1-1e-9) {
				return factor, power
			}
		}
		power++
	}
}

// label writes a multiple of a power of ten.
func label(v float64, power int) string {
	size := math.Abs(v)
	switch {
	case size < math.Pow(10, float64(power-1)):
		return "0"
	case power < -5 || size >= 1e6:
		return strconv.FormatFloat(v, 'g', int(math.Log10(size))-power+2, 64)
	}
	return strconv.FormatFloat(v, 'f', max(0, -power), 64)
}
