package moments_test

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/moments"
)

// TestNoInfinityTimesZero holds sums of products that overflow only in part.
func TestNoInfinityTimesZero(t *testing.T) {
	for _, c := range []struct {
		n                      int
		mw, vw, mx, vx, mb, vb float64
		wantMean, wantVariance float64
	}{
		{0, 1e300, 0.5, 3, 1.5, 0.25, 2, 0.25, 2},
		{2, 0.5, 0, 1e300, 2, 0, 0, 1e300, 1},
		{3, 1e200, 1e-300, 1, 1e-300, 0, 0, 3e200, 3e100},
	} {
		mean, variance, err := moments.LinearMomentsIID(c.n, c.mw, c.vw, c.mx, c.vx, c.mb, c.vb)
		if err != nil || !(math.Abs(mean-c.wantMean) <= 1e-12*c.wantMean) || !(math.Abs(variance-c.wantVariance) <= 1e-12*c.wantVariance) {
			t.Errorf("%+v: mean %v, variance %v, error %v", c, mean, variance, err)
		}
	}
	for _, mean := range []float64{-1e160, -1e308} {
		f, err := moments.GaussianThrough(moments.ReLU(), mean, 1)
		if err != nil || f.Mean != 0 || f.SecondMoment != 0 || f.Variance != 0 || f.SlopeSecondMoment != 0 {
			t.Errorf("relu of mean %v: %+v, error %v", mean, f, err)
		}
	}
}
