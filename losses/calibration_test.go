package losses_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"pgregory.net/rapid"
)

func ExampleForecasts_Reliability() {
	f := losses.Forecasts{P: []float64{0.1, 0.5, 0.5, 0.9}, Events: []bool{false, true, false, true}}
	bins, err := f.Reliability(losses.EqualWidth(2))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range bins {
		fmt.Printf("(%v, %v]: %d forecasts of %.3f on average, %.3f came true\n", b.Low, b.High, b.Count, b.MeanForecast, b.Frequency)
	}
	// Output:
	// (0, 0.5]: 3 forecasts of 0.367 on average, 0.333 came true
	// (0.5, 1]: 1 forecasts of 0.900 on average, 1.000 came true
}

func TestEdgesFallInTheBinTheyEnd(t *testing.T) {
	for _, n := range []int{2, 3, 7, 10, 15, 29, 100} {
		edges := losses.EqualWidth(n)
		bins := must(losses.Forecasts{P: edges, Events: make([]bool, n+1)}.Reliability(edges))(t)
		for b, bin := range bins {
			if want := map[bool]int{true: 2, false: 1}[b == 0]; bin.Count != want { // 0 and 1/n share the first
				t.Errorf("%d bins: bin %d holds %d of the edges, want %d", n, b, bin.Count, want)
			}
		}
	}
}

func TestEqualMassNeverPartsEqualForecasts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		f := losses.Forecasts{Events: make([]bool, n)}
		for range n {
			f.P = append(f.P, float64(rapid.IntRange(0, 12).Draw(t, "p"))/12)
		}
		bins, err := f.Reliability(f.EqualMass(rapid.IntRange(1, 8).Draw(t, "bins")))
		if err != nil {
			t.Fatal(err)
		}
		total := 0
		for _, b := range bins {
			total += b.Count
			if b.Count == 0 {
				t.Fatalf("an empty bin in %+v", bins)
			}
		}
		if total != n {
			t.Fatalf("%d forecasts in bins, want %d", total, n)
		}
	})
}

// draws returns n forecasts whose events come true with probability truth(p).
func draws(n int, rng *rand.Rand, truth func(float64) float64) losses.Forecasts {
	f := losses.Forecasts{}
	for range n {
		p := rng.Float64()
		f.P, f.Events = append(f.P, p), append(f.Events, rng.Float64() < truth(p))
	}
	return f
}

func TestDebiasedErrorsHaveLessBias(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	var plain, debiased, squared float64
	const trials = 200
	for range trials {
		f := draws(300, rng, func(p float64) float64 { return p })
		e := losses.ErrorOf(must(f.Reliability(f.EqualMass(15)))(t))
		plain += e.Expected / trials
		debiased += e.Debiased / trials
		squared += e.Squared / trials
	}
	if debiased > 0.7*plain || math.Abs(squared) > 6e-4 {
		t.Errorf("calibrated forecasts: expected error %v, debiased %v, squared %v", plain, debiased, squared)
	}
	if math.IsNaN(debiased) || plain < 0.02 {
		t.Errorf("the plain error %v shows no bias to remove", plain)
	}
}

func TestDecomposition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		f := losses.Forecasts{P: rapid.SliceOfN(rapid.Float64Range(0.01, 0.99), n, n).Draw(t, "p"),
			Events: rapid.SliceOfN(rapid.Bool(), n, n).Draw(t, "events")}
		for name, score := range map[string]losses.Score{"Brier": losses.Brier, "Log": losses.Log} {
			d, err := f.Decompose(score)
			if err != nil {
				t.Fatal(err)
			}
			if !near(d.Mean, d.Miscalibration-d.Discrimination+d.Uncertainty, 1e-12) {
				t.Fatalf("%s: parts do not add up: %+v", name, d)
			}
			if d.Miscalibration < -1e-12 || d.Discrimination < -1e-12 || d.Uncertainty < 0 {
				t.Fatalf("%s: a negative part: %+v", name, d)
			}
		}
	})
}

func TestDecomposeClasses(t *testing.T) {
	p := must(losses.ProbsOf([][]float64{{0.5, 0.3, 0.2}, {0.1, 0.1, 0.8}, {0.2, 0.7, 0.1}}))(t)
	d := must(losses.DecomposeClasses(losses.Brier, p, []int{0, 2, 0}))(t)
	if want := ((0.25 + 0.09 + 0.04) + (0.01 + 0.01 + 0.04) + (0.64 + 0.49 + 0.01)) / 3; math.Abs(d.Mean-want) > 1e-15 {
		t.Errorf("Brier score %v, want %v", d.Mean, want)
	}
	// Base rates 2/3, 0, 1/3.
	if want := 2.0/9 + 2.0/9; math.Abs(d.Uncertainty-want) > 1e-15 {
		t.Errorf("uncertainty %v, want %v", d.Uncertainty, want)
	}
}

func TestBootstrapOfScoreCovers(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	truth := func(p float64) float64 { return p * p }
	// E (p − y)² with y ~ p² and p uniform: ∫ p²(1−p)² + p²(1−p²) dp = 1/30 + 2/15.
	const want, trials = 1.0/30 + 2.0/15, 150
	covered := 0
	for range trials {
		i := must(draws(200, rng, truth).Bootstrap(t.Context(), losses.Brier, 200, 0.9, rng))(t)
		if i.Mean.Low <= want && want <= i.Mean.High {
			covered++
		}
	}
	if covered < 121 || covered > 146 { // 135 ∓ 3·3.7, and the percentile's slight lack
		t.Errorf("90%% intervals held the mean score %d times of %d", covered, trials)
	}
}

func TestCalibrationTestKeepsItsLevel(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	rejected, found := 0, 0
	const trials = 150
	for range trials {
		if must(draws(100, rng, func(p float64) float64 { return p }).CalibrationTest(t.Context(), losses.Brier, 99, rng))(t) <= 0.1 {
			rejected++
		}
		if must(draws(100, rng, func(p float64) float64 { return p * p }).CalibrationTest(t.Context(), losses.Brier, 99, rng))(t) <= 0.1 {
			found++
		}
	}
	if rejected > 27 { // 15 + 3·3.7
		t.Errorf("calibrated forecasts rejected %d times of %d at level 0.1", rejected, trials)
	}
	if found < trials*8/10 {
		t.Errorf("miscalibrated forecasts found %d times of %d", found, trials)
	}
}

func TestTopLabelAndOneClass(t *testing.T) {
	p := must(losses.ProbsOf([][]float64{{0.4, 0.4, 0.2}, {0.1, 0.2, 0.7}}))(t)
	top := must(losses.TopLabel(p, []int{1, 2}))(t)
	if fmt.Sprint(top) != "{[0.4 0.7] [false true]}" {
		t.Errorf("top label %v", top)
	}
	one := must(losses.OneClass(p, []int{1, 2}, 1))(t)
	if fmt.Sprint(one) != "{[0.4 0.2] [true false]}" {
		t.Errorf("class 1 %v", one)
	}
	for _, edges := range [][]float64{losses.EqualWidth(0), top.EqualMass(-1), {0, 0.5}, {0, 0.7, 0.3, 1}} {
		if _, err := top.Reliability(edges); err == nil {
			t.Errorf("edges %v accepted", edges)
		}
	}
	if _, err := losses.OneClass(p, []int{1, 2}, 3); err == nil {
		t.Error("class 3 of 3 accepted")
	}
}

func TestWilson(t *testing.T) {
	// Brown, Cai and DasGupta, Statistical Science 2001: 0 of 10 at 95 %.
	if i := losses.Wilson(0, 10, 0.95); i.Low != 0 || math.Abs(i.High-0.2775) > 1e-4 {
		t.Errorf("Wilson 0 of 10: %v", i)
	}
}
