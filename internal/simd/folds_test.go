package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

// foldCases are all folds as functions of two slices and a scalar, which they
// may ignore.
func foldCases[F Float](k *kernels[F]) map[string]func(a, b []F, s F) float64 {
	of := func(f fold[F]) func(a, b []F, s F) float64 { return func(a, b []F, _ F) float64 { return f(a, b) } }
	return map[string]func(a, b []F, s F) float64{
		"dot": of(k.dot), "sum": of(k.sum), "sumSquares": of(k.sumSquares), "sumSquaresQuarters": of(k.sumSquaresQuarters), "absSum": of(k.absSum),
		"squaredDistance": of(k.squaredDistance), "max": of(k.max), "absMax": of(k.absMax), "maxNegated": of(k.maxNegated),
		"centredSquares": func(a, _ []F, s F) float64 { return k.centredSquares(a, float64(s)) },
		"expSum":         func(a, b []F, s F) float64 { return k.expSum(b, a, s) },
		"sumExp":         func(a, _ []F, s F) float64 { return k.sumExp(a, s) },
	}
}

func sameNumber(a, b float64) bool { return a == b || a != a && b != b }

func testFolds[F Float](t *testing.T) {
	twin := portable[F]()
	want := foldCases(&twin)
	atEveryLevel(t, func(t *testing.T) {
		got := foldCases(table[F]())
		rng := rand.New(rand.NewPCG(5, 6))
		lists := inputs[F](rng)
		for i, v := range lists[1] {
			if v != v && rng.IntN(40) > 0 { // leave some sums finite
				lists[1][i] = 1
			}
		}
		for name := range want {
			for n := 1; n <= 130; n++ {
				for offset := range 16 {
					whole, a := guarded[F](n, offset)
					_, b := guarded[F](n, (offset+5)%16)
					list := lists[offset%2]
					draw(a, rng, list)
					draw(b, rng, list)
					kept := append([]F(nil), a...)
					g, w := got[name](a, b, 0.5), want[name](kept, append([]F(nil), b...), 0.5)
					ok := sameNumber(g, w)
					if name == "expSum" || name == "sumExp" {
						ok = ok || close(F(g), F(w), 4, 0, 0)
					}
					if !ok {
						t.Fatalf("%s of %d elements at offset %d is %v, want %v", name, n, offset, g, w)
					}
					if name == "expSum" {
						checkTerms(t, a, b, 0.5)
					}
					for i, v := range whole {
						if at := i - margin - offset; (at < 0 || at >= n) && v == v {
							t.Fatalf("%s of %d elements at offset %d wrote element %d", name, n, offset, at)
						}
					}
				}
			}
		}
	})
}

// checkTerms holds what expSum keeps against the terms.
func checkTerms[F Float](t *testing.T, x, terms []F, shift F) {
	t.Helper()
	for i := range x {
		if want := F(exp(float64(x[i] - shift))); !close(terms[i], want, 3, 0, 0) {
			t.Fatalf("term %d of %v: %v, want %v", i, x[i], terms[i], want)
		}
	}
}

func TestFolds32(t *testing.T) { testFolds[float32](t) }
func TestFolds64(t *testing.T) { testFolds[float64](t) }

func TestNorm(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		x    []float64
		want float64
	}{
		{nil, 0},
		{[]float64{0, 0}, 0},
		{[]float64{3, -4}, 5},
		{[]float64{3e200, 4e200}, 5e200},
		{[]float64{3e-200, -4e-200}, 5e-200},
		{[]float64{3e-320, -4e-320}, 5e-320},
		{[]float64{1e308, 1e308, 1e308, 1e308}, inf},
		{[]float64{1, -inf}, inf},
		{[]float64{inf, nan}, nan},
	} {
		if got := Norm(c.x); !close(got, c.want, 2, 0, 0) {
			t.Errorf("Norm(%v) = %v, want %v", c.x, got, c.want)
		}
	}
	if got := Norm([]float32{3e38, 3e38}); math.Abs(got-3e38*math.Sqrt2) > 1e32 {
		t.Errorf("norm of large float32 is %v", got)
	}
}

func TestArgMax(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		x    []float32
		want int
	}{
		{nil, -1}, {[]float32{2}, 0}, {[]float32{1, 3, 3}, 1}, {[]float32{1, nan, 9, nan}, 1},
		{[]float32{float32(math.Inf(-1)), float32(math.Inf(-1))}, 0}, {[]float32{-2, -1, -3}, 1},
	} {
		if got := ArgMax(c.x); got != c.want {
			t.Errorf("ArgMax(%v) = %d, want %d", c.x, got, c.want)
		}
	}
}
