package report

import (
	"math"
	"slices"
	"testing"
)

func TestHistogram(t *testing.T) {
	values := []float64{0, 0.9, 1, 3.9, 4, -5, math.Inf(1), math.NaN()}
	l := Histogram("x", values, 0, 4, 4)
	if want := []float64{0.5, 1.5, 2.5, 3.5}; !slices.Equal(l.X, want) {
		t.Errorf("middles %v, want %v", l.X, want)
	}
	if want := []float64{37.5, 12.5, 0, 37.5}; !slices.Equal(l.Y, want) {
		t.Errorf("shares %v, want %v", l.Y, want)
	}
	for _, bad := range [][2]float64{{1, 1}, {2, 1}, {0, math.Inf(1)}, {math.NaN(), 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("range %v is no panic", bad)
				}
			}()
			Histogram("x", values, bad[0], bad[1], 4)
		}()
	}
}
