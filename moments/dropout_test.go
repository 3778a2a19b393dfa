package moments_test

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/moments"
	"github.com/gradus-ml/gradus/nn"
)

// After a ReLU inputs have a mean, which dropout turns into variance: the
// factor 1/(1−p) alone, which holds without one, is 19% low at p = 0.5.
func TestDropoutOfAMean(t *testing.T) {
	for _, rate := range []float64{0, 0.1, 0.5, 0.9} {
		model := nn.Sequential[float64]{nn.ReLU[float64]{}, nn.NewDropout[float64](rate)}
		table, err := moments.Propagate(model, moments.Standard(10), moments.Training)
		if err != nil {
			t.Fatal(err)
		}
		square := 1 / (2 * math.Pi) // of the mean of max(0, z)
		want := 0.5/(1-rate) - square
		got := table.Rows[2].Predicted
		if math.Abs(got.Variance-want) > 1e-12 || math.Abs(got.Mean-math.Sqrt(square)) > 1e-12 {
			t.Errorf("rate %v: mean %v, variance %v; want %v, %v", rate, got.Mean, got.Variance, math.Sqrt(square), want)
		}
		if without := (0.5 - square) / (1 - rate); rate == 0.5 && math.Abs(without/got.Variance-0.81) > 0.005 {
			t.Errorf("without the mean's part the variance is %.3f of the true one, want 0.81", without/got.Variance)
		}
	}
}
