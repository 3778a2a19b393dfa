package kmeans

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestSumsExactly(t *testing.T) {
	inf := float32(math.Inf(1))
	for _, c := range []struct {
		name string
		data []float32
		m    int
		want bool
	}{
		{"pixels", []float32{0, 1. / 255, -1, 0.5}, 60000, true},
		{"zeros", []float32{0, float32(math.Copysign(0, -1))}, 10, true},
		{"a small number beside a large one", []float32{1, 0x1p-40}, 4, false},
		{"too many", []float32{1, 0x1p-8}, 1 << 30, false},
		{"infinite", []float32{inf, inf}, 2, false},
		{"nothing", nil, 0, true},
	} {
		if got := sumsExactly(c.data, c.m); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
	if sumsExactly([]float64{1}, 1) {
		t.Error("said of float64")
	}
}

// Where sums are said to be exact, no order and no detour changes them.
func TestExactSumsAreExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	x := make([]float32, 4096)
	for i := range x {
		x[i] = float32(math.Ldexp(rng.Float64()+1, -rng.IntN(16)) * float64(1-2*rng.IntN(2)))
	}
	if !sumsExactly(x, len(x)) {
		t.Fatal("these 16 binades are not said to add up exactly")
	}
	want := 0.0
	for _, v := range x {
		want += float64(v)
	}
	got := 0.0
	for _, i := range rng.Perm(len(x)) {
		got += float64(x[i])
		got -= float64(x[0])
		got += float64(x[0])
	}
	if got != want {
		t.Errorf("%v, want %v", got, want)
	}
}
