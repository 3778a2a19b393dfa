package losses_test

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/losses"
	"pgregory.net/rapid"
)

func TestIsotonicKnown(t *testing.T) {
	f := must(losses.FitIsotonic([]float64{3, 1, 2, 4, 4}, []float64{2, 1, 3, 5, 7}))(t)
	for _, c := range []struct{ x, want float64 }{{0, 1}, {1, 1}, {1.5, 1.75}, {2, 2.5}, {2.7, 2.5}, {3, 2.5}, {4, 6}, {9, 6}} {
		if got := f.At(c.x); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("f(%v) = %v, want %v", c.x, got, c.want)
		}
	}
}

// The minimiser is known by its certificate: it is nondecreasing, residuals
// sum to 0 over each block, and their sums from a block's start are ≥ 0.
func TestIsotonicIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		x, y := make([]float64, n), make([]float64, n)
		for i := range n {
			x[i] = float64(i) // distinct; ties are tested below
			y[i] = rapid.Float64Range(-3, 3).Draw(t, "y")
		}
		f, err := losses.FitIsotonic(x, y)
		if err != nil {
			t.Fatal(err)
		}
		for b := range f.Value {
			if b > 0 && f.Value[b] <= f.Value[b-1] {
				t.Fatalf("values %v do not increase", f.Value)
			}
			var sum float64
			for i := int(f.Low[b]); i <= int(f.High[b]); i++ {
				sum += y[i] - f.Value[b]
				if sum < -1e-12 {
					t.Fatalf("a block could be parted: %v", sum)
				}
			}
			if math.Abs(sum) > 1e-12 {
				t.Fatalf("residuals of a block sum to %v", sum)
			}
		}
	})
}

func TestIsotonicRefuses(t *testing.T) {
	for _, c := range [][2][]float64{{{}, {}}, {{1}, {1, 2}}, {{math.NaN()}, {0}}, {{0}, {math.Inf(1)}}} {
		if _, err := losses.FitIsotonic(c[0], c[1]); err == nil {
			t.Errorf("%v accepted", c)
		}
	}
}
