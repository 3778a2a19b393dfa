package shift_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/shift"
)

func repeat(counts ...int) (decisions []int) {
	for k, n := range counts {
		for range n {
			decisions = append(decisions, k)
		}
	}
	return decisions
}

func TestPredictionsByHand(t *testing.T) {
	// All expected counts are 25 and each differs by 5: 4·25/25 = 4.
	got, err := shift.TestPredictions(repeat(30, 20), repeat(20, 30), 2)
	if err != nil || math.Abs(got.Statistic-4) > 1e-12 || got.Degrees != 1 || math.Abs(got.PValue-0.04550026389635842) > 1e-12 {
		t.Errorf("got %+v, %v; want 4 with 1 degree of freedom, p = 0.0455", got, err)
	}
	// The rare third class joins the second.
	joined, err := shift.TestPredictions(repeat(30, 19, 1), repeat(20, 30, 0), 3)
	if err != nil || *joined != *got {
		t.Errorf("got %+v, %v, want %+v", joined, err, got)
	}
	for _, bad := range [][2][]int{{nil, repeat(9)}, {repeat(20), repeat(20)}, {repeat(20, 20), {2}}} {
		if _, err := shift.TestPredictions(bad[0], bad[1], 2); err == nil {
			t.Errorf("%v: want an error", bad)
		}
	}
}

func TestPredictionsHoldsItsLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	draw := func(n int) []int {
		d := make([]int, n)
		for i := range d {
			d[i] = rng.IntN(5) * rng.IntN(2)
		}
		return d
	}
	rejected := 0
	for range 400 {
		got, err := shift.TestPredictions(draw(150), draw(400), 5)
		if err != nil {
			t.Fatal(err)
		}
		if got.PValue < 0.05 {
			rejected++
		}
	}
	// Binomial(400, 0.05) exceeds 37 with a chance below 0.1 %.
	if rejected > 37 || rejected < 6 {
		t.Errorf("%d of 400 true hypotheses rejected at 5 %%, want about 20", rejected)
	}
}
