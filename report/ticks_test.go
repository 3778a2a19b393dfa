package report

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{0, 3, "0 0.5 1.0 1.5 2.0 2.5 3.0"},
		{0, 30, "0 5 10 15 20 25 30"},
		{92.3, 99.1, "94 96 98"},
		{-1, 1, "-1.0 -0.5 0 0.5 1.0"},
		{0, 0.0012, "0 0.0002 0.0004 0.0006 0.0008 0.0010 0.0012"},
		{0, 5e6, "0 1e+06 2e+06 3e+06 4e+06 5e+06"},
		{0, 3e-9, "0 5e-10 1e-09 1.5e-09 2e-09 2.5e-09 3e-09"},
		{7, 7, "7"},
	} {
		var labels []string
		for _, tick := range ticksOf(c.lo, c.hi) {
			if tick.Label != "" {
				labels = append(labels, tick.Label)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%v to %v: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
}

// Any two numbers have a few ticks between them, in order, with labels that differ.
func TestTicksOfAnything(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 10000 {
		size := math.Pow(10, 40*rng.Float64()-20)
		lo := size * (rng.Float64() - 0.5)
		hi := lo + size*(1e-3+rng.Float64())
		labels, last := map[string]bool{}, math.Inf(-1)
		for _, tick := range ticksOf(lo, hi) {
			if tick.Value < lo || tick.Value > hi || tick.Value <= last {
				t.Fatalf("%v to %v: tick at %v after %v", lo, hi, tick.Value, last)
			}
			if last = tick.Value; tick.Label == "" {
				continue
			}
			if labels[tick.Label] {
				t.Fatalf("%v to %v: %s twice", lo, hi, tick.Label)
			}
			labels[tick.Label] = true
		}
		if len(labels) < 2 || len(labels) > mostTicks+1 {
			t.Fatalf("%v to %v: %d labels", lo, hi, len(labels))
		}
	}
}
