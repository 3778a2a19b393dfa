package bench

import (
	"context"
	"errors"
	"math"
	"testing"
)

func TestExponentIsThatOfAPower(t *testing.T) {
	sizes := []int{3, 10, 25, 200}
	for _, want := range []float64{-1, 0, 0.5, 1, 2.7} {
		y := make([]float64, len(sizes))
		for i, s := range sizes {
			y[i] = 5 * math.Pow(float64(s), want)
		}
		if got := exponent(sizes, y); math.Abs(got-want) > 1e-12 {
			t.Errorf("exponent %v, want %v", got, want)
		}
	}
}

func TestEveryGrowthIsMeasured(t *testing.T) {
	for _, g := range Growths() {
		g.Sizes = g.Sizes[:2]
		var begun []int
		r, err := g.Measure(t.Context(), func(size int) { begun = append(begun, size) })
		if err != nil {
			t.Fatal(err)
		}
		if len(begun) != 2 || len(r.Milliseconds) != 2 || !(r.Milliseconds[0] > 0) || !(r.OperationsExponent > 0) || !(r.MemoryRatio > 0.9) {
			t.Errorf("%s: got %+v after %v, want two sizes measured", g.Name, r, begun)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Growths()[0].Measure(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancellation: %v, want context.Canceled", err)
	}
	if _, err := MeasureFeeding(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancellation: %v, want context.Canceled", err)
	}
}

// Training holds parameters, their gradients, the optimiser's state and the
// activations, and little else: the gradients of two activations and a packed
// operand of a product, which show where a batch is large.
func TestTrainingMemory(t *testing.T) {
	for _, g := range Growths() {
		if g.Name == "K" {
			continue // not training
		}
		for _, c := range []struct {
			size  int
			ratio float64
		}{{g.Sizes[0], 1.3}, {g.Sizes[3], 1.3}, {g.Sizes[len(g.Sizes)-1], 1.3}} {
			bytes, _, err := g.memory(c.size)
			if err != nil {
				t.Fatal(err)
			}
			ratio := bytes / g.Bytes(c.size)
			t.Logf("%s of %d: %.3g bytes, %.2f times the least", g.Name, c.size, bytes, ratio)
			if ratio > c.ratio {
				t.Errorf("%s of %d holds %.2f times what it must: want at most %v", g.Name, c.size, ratio, c.ratio)
			}
		}
	}
}
