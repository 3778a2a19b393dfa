package report

import "math"

// Histogram returns the line of the shares of values, in percent, in so many
// bins of equal width from lo to hi: levels around the bins' middles. Values
// outside count in the first and the last bin, NaN in none. It panics unless
// lo < hi are finite and there is a bin.
func Histogram(name string, values []float64, lo, hi float64, bins int) Line {
	if !(lo < hi) || math.IsInf(hi-lo, 0) || bins < 1 {
		panic("report.Histogram: want finite lo < hi and at least one bin")
	}
	l := Line{Name: name, Steps: true, X: make([]float64, bins), Y: make([]float64, bins)}
	width := (hi - lo) / float64(bins)
	for i := range l.X {
		l.X[i] = lo + (float64(i)+0.5)*width
	}
	for _, v := range values {
		if !math.IsNaN(v) {
			l.Y[int(min(max((v-lo)/width, 0), float64(bins-1)))] += 100 / float64(len(values))
		}
	}
	return l
}
