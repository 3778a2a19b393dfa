package prox_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/prox"
)

type projection func(dst, v []float64, radius float64, lo, hi []float64) error

var norms = map[string]struct {
	project projection
	norm    func(x []float64) float64
}{
	"L1": {prox.ProjectL1Ball[float64], func(x []float64) (n float64) { return sumOf(x, math.Abs) }},
	"L2": {prox.ProjectL2Ball[float64], func(x []float64) float64 { return math.Sqrt(sumOf(x, func(v float64) float64 { return v * v })) }},
	"LInf": {prox.ProjectLInfBall[float64], func(x []float64) float64 {
		return math.Abs(slices.MaxFunc(x, func(a, b float64) int { return int(math.Copysign(1, math.Abs(a)-math.Abs(b))) }))
	}},
}

func sumOf(x []float64, f func(float64) float64) (sum float64) {
	for _, v := range x {
		sum += f(v)
	}
	return sum
}

// The projection z of v onto a convex set is the point in it with
// ⟨v − z, w − z⟩ ≤ 0 for all w in the set.
func TestProjectionsAreNearest(t *testing.T) {
	for name, n := range norms {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
				size := 1 + rng.IntN(20)
				radius := rng.ExpFloat64()
				v, lo, hi := make([]float64, size), make([]float64, size), make([]float64, size)
				for i := range v {
					v[i] = math.Trunc(6*rng.NormFloat64()) / 4 // ties and zeros
					lo[i], hi[i] = -rng.ExpFloat64()/2, rng.ExpFloat64()/2
					if rng.IntN(4) == 0 {
						lo[i] = 0
					}
				}
				if rng.IntN(3) == 0 {
					lo, hi = nil, nil
				}
				z := make([]float64, size)
				if err := n.project(z, v, radius, lo, hi); err != nil {
					t.Fatal(err)
				}
				inside := func(x []float64) bool {
					for i := range x {
						if lo != nil && (x[i] < lo[i] || x[i] > hi[i]) {
							return false
						}
					}
					return n.norm(x) <= radius+1e-14*(1+n.norm(v)) // as v rounds
				}
				if !inside(z) {
					t.Fatalf("v %v, radius %v, bounds %v %v: %v is outside", v, radius, lo, hi, z)
				}
				for range 50 {
					w := make([]float64, size)
					for i := range w {
						w[i] = rng.NormFloat64()
						if rng.IntN(3) == 0 {
							w[i] = 0
						}
						if lo != nil {
							w[i] = max(lo[i], min(hi[i], w[i]))
						}
					}
					if norm := n.norm(w); norm > radius {
						for i := range w {
							w[i] *= radius / norm
						}
					}
					if !inside(w) {
						t.Fatalf("the test's own point %v is outside", w)
					}
					angle := 0.0
					for i := range w {
						angle += (v[i] - z[i]) * (w[i] - z[i])
					}
					if angle > 1e-11 {
						t.Fatalf("v %v, radius %v, bounds %v %v: %v is not nearest, %v shows", v, radius, lo, hi, z, w)
					}
				}
				if again := slices.Clone(z); n.project(again, z, radius, lo, hi) != nil || squaredDistance(again, z) > 1e-26 {
					t.Fatalf("projecting %v again gives %v", z, again)
				}
			})
		})
	}
}

func TestProjectionsAtTheEdges(t *testing.T) {
	dst := make([]float64, 2)
	for name, n := range norms {
		for what, c := range map[string]struct {
			v      []float64
			radius float64
			lo, hi []float64
		}{
			"negative radius":  {[]float64{1, 1}, -1, nil, nil},
			"NaN radius":       {[]float64{1, 1}, math.NaN(), nil, nil},
			"NaN":              {[]float64{1, math.NaN()}, 1, nil, nil},
			"infinity":         {[]float64{1, math.Inf(1)}, 1, nil, nil},
			"bounds without 0": {[]float64{1, 1}, 1, []float64{0.5, -1}, []float64{1, 1}},
		} {
			e := new(prox.DomainError)
			if err := n.project(dst, c.v, c.radius, c.lo, c.hi); !errors.As(err, &e) {
				t.Errorf("%s, %s: error %v", name, what, err)
			}
		}
		if err := n.project(dst, []float64{3, -4}, 0, nil, nil); err != nil || dst[0] != 0 || dst[1] != 0 {
			t.Errorf("%s: radius 0 gives %v, %v", name, dst, err)
		}
		if err := n.project(dst, []float64{3e200, -4e200}, 1e200, nil, nil); err != nil || !(n.norm([]float64{dst[0] / 1e200, dst[1] / 1e200}) <= 1+1e-13) {
			t.Errorf("%s: far out %v, %v", name, dst, err)
		}
	}
	if err := prox.ProjectSimplex(nil, []float64{}, 1); err == nil {
		t.Error("a simplex without a coordinate")
	}
	if err := prox.ProjectSimplex(dst, dst, 0); err == nil {
		t.Error("a simplex of total 0")
	}
}

func TestLambdaMaxIsTheThreshold(t *testing.T) {
	forPoints(func(rng *rand.Rand, x []float64, step float64) {
		g := draw(rng, 1)
		for _, piece := range []int{1, 2, 4} {
			greatest := prox.LambdaMax(x, g, piece, step)
			for _, side := range []float64{1 - 1e-9, 1 + 1e-9} {
				zero := true
				for lo := 0; lo < size; lo += piece {
					a := make([]float64, piece)
					for i := range a {
						a[i] = x[lo+i] - step*g[lo+i]
					}
					prox.Norm[float64]{Rho: prox.Linear{Lambda: side * greatest}}.Prox(a, a, step)
					zero = zero && sumOf(a, math.Abs) == 0
				}
				if zero != (side > 1) {
					t.Errorf("pieces of %d: all zero is %v at %v of LambdaMax", piece, zero, side)
				}
			}
		}
	})
}

func TestProximalStepMaps(t *testing.T) {
	forPoints(func(rng *rand.Rand, theta []float64, eps float64) {
		s, lambda := draw(rng, 1), rng.Float64()/eps
		prime, err := prox.ProximalStep(eps, lambda)
		if err != nil {
			t.Fatal(err)
		}
		explicit, a := make([]float64, size), make([]float64, size)
		for i := range theta {
			explicit[i] = (1-eps*lambda)*theta[i] - eps*s[i]
			a[i] = theta[i] - prime*s[i]
		}
		got := proxOf(prox.L2[float64]{Lambda: lambda}, a, prime)
		for i := range got {
			// Conditioned as 1/(1−λε).
			if math.Abs(got[i]-explicit[i]) > 1e-14*(1+prime/eps)*(1+math.Abs(s[i])*eps+math.Abs(theta[i])) {
				t.Errorf("λε %v: proximal %v, explicit %v", lambda*eps, got, explicit)
			}
		}
		if back, err := prox.ExplicitStep(prime, lambda); err != nil || math.Abs(back-eps) > 1e-12*eps*(prime/eps) {
			t.Errorf("back from ε′ %v: %v, want %v (%v)", prime, back, eps, err)
		}
	})
	for _, bad := range [][2]float64{{0, 1}, {-1, 1}, {math.NaN(), 1}, {math.Inf(1), 1}, {1, -1}, {1, 1}, {2, 1}} {
		if _, err := prox.ProximalStep(bad[0], bad[1]); err == nil {
			t.Errorf("ε %v, λ %v: no error", bad[0], bad[1])
		}
	}
}
