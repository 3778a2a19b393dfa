package vae_test

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/vae"
)

// TestSeparation holds the sorted count against all pairs.
func TestSeparation(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		anomalies, normal []float64
		want              float64
	}{
		{[]float64{5, 6}, []float64{1, 2, 3}, 1},
		{[]float64{1, 2}, []float64{5}, 0},
		{[]float64{1, 2, 3}, []float64{3, 2, 1}, 0.5},
		{[]float64{2, 2, 4}, []float64{2, 3, 1, 2}, 8.0 / 12}, // 2 beats 1 and ties two: 2 of 4, twice; 4 beats 4
		{[]float64{inf}, []float64{inf, 1}, 0.75},
		{nil, []float64{1}, nan},
		{[]float64{1}, nil, nan},
		{[]float64{nan}, []float64{1}, nan},
		{[]float64{1}, []float64{1, nan}, nan},
	} {
		got := vae.Separation(c.anomalies, c.normal)
		if math.Abs(got-c.want) > 1e-15 || math.IsNaN(got) != math.IsNaN(c.want) {
			t.Errorf("%v against %v: %v, want %v", c.anomalies, c.normal, got, c.want)
		}
		if back := vae.Separation(c.normal, c.anomalies); math.Abs(got+back-1) > 1e-15 {
			t.Errorf("%v against %v: %v and %v the other way", c.anomalies, c.normal, got, back)
		}
	}
}
