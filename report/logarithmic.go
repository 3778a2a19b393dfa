package report

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
)

// logarithmic puts labels at some powers of ten on an axis whose numbers stand
// at their decimal logarithms: the plotting library's own logarithmic scale
// leaves room for a label that it then draws elsewhere.
func logarithmic(axis *plot.Axis) { axis.Tick.Marker = decades{} }

// along is where a number stands on an axis.
func along(v float64, log bool) float64 {
	if log {
		return math.Log10(v)
	}
	return v
}

// decades marks powers of ten, at most about seven of them by name.
type decades struct{}

// Ticks returns the marks between two logarithms. Where no two powers of ten lie
// between them, 2 and 5 times a power are named as well.
func (decades) Ticks(from, to float64) []plot.Tick {
	ticks := decadesBetween(math.Pow(10, from), math.Pow(10, to))
	for i := range ticks {
		ticks[i].Value = math.Log10(ticks[i].Value)
	}
	return ticks
}

func decadesBetween(lo, hi float64) []plot.Tick {
	first, last := int(math.Ceil(math.Log10(lo)-1e-9)), int(math.Floor(math.Log10(hi)+1e-9))
	every := max(1, (last-first+6)/7)
	var ticks []plot.Tick
	for e := first - 1; e <= last; e++ {
		power := math.Pow(10, float64(e))
		if e >= first {
			tick := plot.Tick{Value: power}
			if e%every == 0 {
				tick.Label = plain(power)
			}
			ticks = append(ticks, tick)
		}
		if last-first > 7 {
			continue
		}
		for m := 2.; m < 10; m++ {
			v := m * power
			if v < lo || v > hi {
				continue
			}
			tick := plot.Tick{Value: v}
			if last-first < 1 && (m == 2 || m == 5) {
				tick.Label = plain(v)
			}
			ticks = append(ticks, tick)
		}
	}
	return ticks
}

// plain writes a number of one digit: as it is where that is short.
func plain(v float64) string {
	if v >= 0.001 && v < 1e5 {
		return fmt.Sprintf("%.5g", v)
	}
	digit := fmt.Sprintf("%.0e", v) // with an exponent of two digits
	return strings.NewReplacer("e-0", "e-", "e+0", "e", "e+", "e").Replace(digit)
}
