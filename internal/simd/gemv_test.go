package simd

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestMatrixByVector(t *testing.T) {
	levels(t, func(t *testing.T) {
		t.Run("float32", func(t *testing.T) { testMatrixByVector[float32](t, 0x1p-23) })
		t.Run("float64", func(t *testing.T) { testMatrixByVector[float64](t, 0x1p-52) })
	})
}

// testMatrixByVector compares with sums in float64, within the rounding error
// that a sum in any order may have.
func testMatrixByVector[F Float](t *testing.T, epsilon float64) {
	rng := rand.New(rand.NewPCG(12, 0))
	check := func(name string, n, k, ld int, dst, x []F, at func(j, p int) F) {
		for j, got := range inner(dst) {
			var sum, size float64
			for p, v := range x {
				term := float64(v) * float64(at(j, p))
				sum += term
				size += math.Abs(term)
			}
			if bound := float64(k) * epsilon * size; !(math.Abs(float64(got)-sum) <= bound) {
				t.Fatalf("%s: n %d, k %d, ld %d: element %d is %v, want %v ± %v", name, n, k, ld, j, got, sum, bound)
			}
		}
		checkGuards(t, dst)
	}
	for n := range 40 {
		for k := range 70 {
			x, ld := inner(drawGuarded[F](rng, k, false)), max(n, k)+rng.IntN(3)
			dst := drawGuarded[F](rng, n, false)
			m := inner(drawGuarded[F](rng, max(0, (n-1)*ld+k), false))
			Dots(inner(dst), x, m, ld)
			check("Dots", n, k, ld, dst, x, func(j, p int) F { return m[j*ld+p] })
			m = inner(drawGuarded[F](rng, max(0, (k-1)*ld+n), false))
			Combine(inner(dst), x, m, ld)
			check("Combine", n, k, ld, dst, x, func(j, p int) F { return m[p*ld+j] })
		}
	}
	wide := drawGuarded[F](rng, 300, false)
	x, m := inner(drawGuarded[F](rng, 5, false)), inner(drawGuarded[F](rng, 1500, false))
	Combine(inner(wide), x, m, 300)
	check("Combine", 300, 5, 300, wide, x, func(j, p int) F { return m[p*300+j] })
}
