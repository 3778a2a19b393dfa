package vae

import (
	"math"
	"slices"
	"sort"
)

// Separation returns how well scores tell anomalies from normal examples: the
// probability that a random one of the first scores above a random one of the
// second, ties counted half. It is the area under the receiver operating
// characteristic: 1 for scores that never overlap, ½ for scores that know
// nothing. It is NaN if either is empty or holds a NaN.
// Source: Hanley and McNeil 1982; it is the statistic of Mann and Whitney 1947.
func Separation(anomalies, normal []float64) float64 {
	sorted := slices.Sorted(slices.Values(normal))
	if len(sorted) == 0 || len(anomalies) == 0 || math.IsNaN(sorted[0]) { // NaN sorts first
		return math.NaN()
	}
	wins := 0.0
	for _, a := range anomalies {
		if math.IsNaN(a) {
			return math.NaN()
		}
		below, _ := slices.BinarySearch(sorted, a)
		upTo := sort.Search(len(sorted), func(i int) bool { return sorted[i] > a })
		wins += float64(below+upTo) / 2
	}
	return wins / float64(len(sorted)) / float64(len(anomalies))
}
