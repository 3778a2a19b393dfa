package moments

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// Histogram counts values in bins of one width between Lo and Hi, four
// deviations on each side of their mean; those beyond are counted in Below and
// Above.
type Histogram struct {
	Lo     float64 `json:"lo"`
	Hi     float64 `json:"hi"`
	Counts []int   `json:"counts"`
	Below  int     `json:"below"`
	Above  int     `json:"above"`
}

const (
	histogramBins  = 48
	histogramReach = 4 // deviations on each side of the mean
)

// histogramOf counts values of the given mean and variance; nil where the values
// do not vary or are not finite.
func histogramOf[F tensor.Float](x []F, mean, variance float64) *Histogram {
	reach := histogramReach * math.Sqrt(variance)
	if !(reach > 0) || math.IsInf(reach, 1) || math.IsNaN(mean) {
		return nil
	}
	h := &Histogram{Lo: mean - reach, Hi: mean + reach, Counts: make([]int, histogramBins)}
	for _, v := range x {
		switch bin := math.Floor((float64(v) - h.Lo) / (h.Hi - h.Lo) * histogramBins); {
		case bin < 0:
			h.Below++
		case bin >= histogramBins:
			h.Above++
		default:
			h.Counts[int(bin)]++
		}
	}
	return h
}

// Density returns the middles of the bins in deviations from the mean, which is
// in the middle, the density of the values there, and that of a normal variable.
func (h *Histogram) Density() (at, density, normal []float64) {
	total := h.Below + h.Above
	for _, n := range h.Counts {
		total += n
	}
	const width = 2. * histogramReach / histogramBins
	for i, n := range h.Counts {
		at = append(at, (float64(i)+0.5)*width-histogramReach)
		density = append(density, float64(n)/(float64(total)*width))
		normal = append(normal, normalDensity(at[i]))
	}
	return at, density, normal
}
