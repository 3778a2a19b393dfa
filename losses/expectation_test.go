package losses_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gradus-ml/gradus/dataset/glyphs"
	"github.com/gradus-ml/gradus/losses"
)

// The drawn letters come from a known p*(x, y), so that expectations over it
// are estimated to any accuracy. A forecast that knows the priors alone has the
// cross-entropy H(y).
func ExampleExpectation() {
	o := glyphs.Default()
	o.Classes, o.Priors = "ABC", []float64{0.5, 0.25, 0.25}
	g, err := glyphs.New(o)
	if err != nil {
		panic(err)
	}
	e, err := losses.Expectation(20000, rand.New(rand.NewPCG(1, 1)), func(rng *rand.Rand) float64 {
		return -math.Log(o.Priors[g.Class(rng)])
	})
	if err != nil {
		panic(err)
	}
	i := e.Interval(0.99)
	fmt.Printf("%.2f nats, between %.2f and %.2f; exactly %.4f\n", e.Mean, i.Low, i.High, 1.5*math.Ln2)
	// Output: 1.04 nats, between 1.03 and 1.05; exactly 1.0397
}

// Over pictures too: the mean ink of a mixture is that of its classes, mixed.
func TestExpectationOverPictures(t *testing.T) {
	o := glyphs.Default()
	o.Size, o.Classes, o.Priors = 12, "IM", []float64{0.8, 0.2}
	g, err := glyphs.New(o)
	if err != nil {
		t.Fatal(err)
	}
	picture := make([]float32, g.Len())
	ink := func(class func(*rand.Rand) int) losses.Estimate {
		return must(losses.Expectation(2000, rand.New(rand.NewPCG(3, 3)), func(rng *rand.Rand) float64 {
			g.Draw(rng, class(rng), picture)
			sum := 0.0
			for _, v := range picture {
				sum += float64(v)
			}
			return sum
		}))(t)
	}
	thin, wide, both := ink(func(*rand.Rand) int { return 0 }), ink(func(*rand.Rand) int { return 1 }), ink(g.Class)
	want := 0.8*thin.Mean + 0.2*wide.Mean
	spread := math.Sqrt(math.Pow(both.StandardError, 2) + math.Pow(0.8*thin.StandardError, 2) + math.Pow(0.2*wide.StandardError, 2))
	if !(wide.Mean > thin.Mean+10*spread) || math.Abs(both.Mean-want) > 4*spread {
		t.Errorf("ink %v of I, %v of M, %v of both: want %v ± %v", thin.Mean, wide.Mean, both.Mean, want, spread)
	}
}
