package prox_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// law is one penalty of the table that every law runs over.
type law[F tensor.Float] struct {
	penalty prox.Penalty[F]
	convex  bool // R is convex: the map is firmly nonexpansive
	set     bool // R is the indicator of a set: the map is a projection
}

func laws[F tensor.Float]() []law[F] {
	norm := func(rho prox.Radial) prox.Penalty[F] { return prox.Norm[F]{Rho: rho} }
	table := []law[F]{
		{prox.None[F]{}, true, false},
		{prox.L2[F]{Lambda: 0.7}, true, false},
		{prox.L1[F]{Lambda: 0.7}, true, false},
		{prox.ElasticNet[F]{Lambda1: 0.4, Lambda2: 1.5}, true, false},
		{prox.Box[F]{Lo: -0.5, Hi: 1}, true, true},
		{prox.NonNegative[F]{}, true, true},
		{norm(prox.RadialZero{}), true, false},
		{norm(prox.Linear{Lambda: 0.7}), true, false},
		{norm(prox.Quadratic{Lambda: 0.7}), true, false},
		{norm(prox.LinearQuadratic{Lambda1: 0.4, Lambda2: 1.5}), true, false},
		{norm(prox.Huber{Lambda: 2, Delta: 0.5}), true, false},
		{norm(prox.PseudoHuber{Lambda: 1.5, Delta: 0.3}), true, false},
		{norm(prox.Ball{Radius: 0.8}), true, true},
		{norm(prox.Log{Lambda: 0.5, Scale: 1}), false, false},
		{norm(prox.Log{Lambda: 2, Scale: 0.2}), false, false},
		{norm(prox.ShiftedQuadratic{Lambda: 1.2, Centre: 2}), false, false},
		{norm(prox.ExpDecay{Lambda: 1, Scale: 0.5}), false, false},
		{norm(prox.Cosine{Lambda: 0.5, Omega: 6}), false, false},
		{norm(prox.Cosine{Lambda: 0.02, Omega: 1}), false, false},
		{norm(&prox.Custom{Name: "valleys", Rho: func(r float64) float64 { return math.Abs(math.Sin(3 * r)) }}), false, false},
		{norm(&prox.Custom{
			Name: "cubic", IsConvex: true,
			Rho: func(r float64) float64 { return r * r * r }, Derivative: func(r float64) float64 { return 3 * r * r }, Second: func(r float64) float64 { return 6 * r },
		}), true, false},
		{prox.Translate[F]{Of: prox.L1[F]{Lambda: 0.7}, By: []F{1, -1, 0.5, 0}}, true, false},
		{prox.Scale[F]{Of: prox.Norm[F]{Rho: prox.Linear{Lambda: 0.7}}, By: 2}, true, false},
		{prox.MoreauEnvelope[F]{Of: prox.L1[F]{Lambda: 0.7}, Width: 0.5}, true, false},
	}
	for _, p := range []float64{0.1, 0.5, 0.7, 1, 1.2, 1.5, 1.9, 2, 2.5, 3, 4, 7} {
		table = append(table, law[F]{norm(prox.Power{Lambda: 0.6, P: p}), p >= 1, false})
	}
	return table
}

const size = 4 // of the points that the laws draw

// forLaws runs a law over the table at random points and steps.
func forLaws(t *testing.T, test func(t *testing.T, l law[float64], rng *rand.Rand, step float64)) {
	for i, l := range laws[float64]() {
		t.Run(fmt.Sprintf("%d %T", i, l.penalty), func(t *testing.T) {
			if err := l.penalty.Validate(); err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, uint64(i)))
			for range 20 {
				test(t, l, rng, math.Exp(rng.NormFloat64()))
			}
		})
	}
}

func draw(rng *rand.Rand, scale float64) []float64 {
	x := make([]float64, size)
	for i := range x {
		x[i] = scale * rng.NormFloat64()
	}
	return x
}

func proxOf(p prox.Penalty[float64], a []float64, step float64) []float64 {
	z := make([]float64, len(a))
	p.Prox(z, a, step)
	return z
}

func squaredDistance(x, y []float64) float64 {
	sum := 0.0
	for i := range x {
		sum += (x[i] - y[i]) * (x[i] - y[i])
	}
	return sum
}

func TestMinimiserBeatsOtherPoints(t *testing.T) {
	forLaws(t, func(t *testing.T, l law[float64], rng *rand.Rand, step float64) {
		a := draw(rng, 1.5)
		objective := func(z []float64) float64 { return l.penalty.Value(z) + squaredDistance(z, a)/(2*step) }
		z := proxOf(l.penalty, a, step)
		least := objective(z)
		try := func(point []float64, what string) {
			if at := objective(point); !(at >= least-1e-12*(1+math.Abs(least))) {
				t.Fatalf("a %v, step %v: %s %v has %v, the minimiser %v has %v", a, step, what, point, at, z, least)
			}
		}
		try(make([]float64, size), "zero")
		try(a, "a itself")
		for range 50 {
			try(draw(rng, 2), "a random point")
			near := slices.Clone(z)
			for i, d := range draw(rng, math.Pow(10, -1-5*rng.Float64())) {
				near[i] += d
			}
			try(near, "a near point")
			along := slices.Clone(a)
			s := 2 * rng.Float64()
			for i := range along {
				along[i] *= s
			}
			try(along, "a point along a")
		}
	})
}

func TestProxReturnsTheValueAndMayAlias(t *testing.T) {
	forLaws(t, func(t *testing.T, l law[float64], rng *rand.Rand, step float64) {
		a := draw(rng, 1.5)
		z := slices.Clone(a)
		value := l.penalty.Prox(z, z, step)
		if want := l.penalty.Value(z); math.Abs(value-want) > 1e-12*(1+math.Abs(want)) {
			t.Errorf("Prox returns %v, R there is %v", value, want)
		}
		if apart := proxOf(l.penalty, a, step); !slices.Equal(apart, z) {
			t.Errorf("in place %v, apart %v", z, apart)
		}
	})
}

// Firm nonexpansiveness: ‖Pa − Pb‖² ≤ ⟨Pa − Pb, a − b⟩.
func TestConvexMapsAreFirmlyNonexpansive(t *testing.T) {
	forLaws(t, func(t *testing.T, l law[float64], rng *rand.Rand, step float64) {
		if !l.convex {
			t.Skip("the penalty is not convex")
		}
		a, b := draw(rng, 1.5), draw(rng, 1.5)
		p, q := proxOf(l.penalty, a, step), proxOf(l.penalty, b, step)
		inner := 0.0
		for i := range a {
			inner += (p[i] - q[i]) * (a[i] - b[i])
		}
		if d := squaredDistance(p, q); d > inner+1e-12 {
			t.Errorf("‖Pa−Pb‖² = %v > ⟨Pa−Pb, a−b⟩ = %v", d, inner)
		}
	})
}

// Moreau: a is the proximal point of R plus step times that of R* at a/step.
// Conjugate is built on it, so the law tested is Fenchel's: the value that it
// returns is R*(z) = ⟨z, x⟩ − R(x) ≥ ⟨z, w⟩ − R(w) for all w.
func TestMoreauAndFenchel(t *testing.T) {
	forLaws(t, func(t *testing.T, l law[float64], rng *rand.Rand, step float64) {
		if !l.convex {
			t.Skip("the penalty is not convex")
		}
		a := draw(rng, 1.5)
		z := make([]float64, size)
		star := prox.Conjugate[float64]{Of: l.penalty}.Prox(z, a, step)
		for range 30 {
			w := draw(rng, 2)
			inner := 0.0
			for i := range w {
				inner += z[i] * w[i]
			}
			if bound := inner - l.penalty.Value(w); bound > star+1e-9*(1+math.Abs(star)) {
				t.Fatalf("R*(z) = %v, but ⟨z, w⟩ − R(w) = %v", star, bound)
			}
		}
	})
}

func TestProjectionsAreIdempotentAndInside(t *testing.T) {
	forLaws(t, func(t *testing.T, l law[float64], rng *rand.Rand, step float64) {
		if !l.set {
			t.Skip("the penalty is not a set's indicator")
		}
		z := proxOf(l.penalty, draw(rng, 3), step)
		if at := l.penalty.Value(z); at != 0 {
			t.Errorf("the projection %v is outside", z)
		}
		if again := proxOf(l.penalty, z, step); squaredDistance(again, z) > 1e-30 {
			t.Errorf("projected again %v moves to %v", z, again)
		}
	})
}

func TestFloat32AgreesWithFloat64(t *testing.T) {
	single := laws[float32]()
	for i, l := range laws[float64]() {
		rng := rand.New(rand.NewPCG(2, uint64(i)))
		for range 20 {
			step := math.Exp(rng.NormFloat64())
			narrow := make([]float32, size)
			a := draw(rng, 1.5)
			for j, v := range a {
				narrow[j] = float32(v)
				a[j] = float64(narrow[j])
			}
			want := proxOf(l.penalty, a, step)
			single[i].penalty.Prox(narrow, narrow, step)
			for j := range want {
				if math.Abs(float64(narrow[j])-want[j]) > 2e-6*(1+math.Abs(want[j])) {
					t.Errorf("%T at %v, step %v: float32 %v, float64 %v", l.penalty, a, step, narrow, want)
					break
				}
			}
		}
	}
}

// The condition of optimality of a radial penalty: l + step·ρ′(l) = ‖a‖ where
// l > 0, ‖a‖ ≤ step·ρ′(0) where l = 0 and ρ is convex.
func TestRadialOptimality(t *testing.T) {
	forLaws(t, func(t *testing.T, l law[float64], rng *rand.Rand, step float64) {
		n, ok := l.penalty.(prox.Norm[float64])
		if !ok {
			t.Skip("not radial")
		}
		rho, smooth := n.Rho.(prox.Smooth)
		if custom, ok := n.Rho.(*prox.Custom); !smooth || ok && custom.Derivative == nil {
			t.Skip("no derivative")
		}
		a := math.Exp(3 * rng.NormFloat64())
		length, why, err := prox.Certify(rho, a, step)
		if err != nil {
			t.Fatal(err)
		}
		if _, ball := rho.(prox.Ball); ball {
			t.Skip("the derivative jumps on the sphere")
		}
		switch {
		case length == 0 && l.convex && a > step*rho.Slope(0):
			t.Errorf("0 at a = %v above the threshold %v", a, step*rho.Slope(0))
		case length == 0 && why != prox.Zero:
			t.Errorf("certificate %v of length 0", why)
		case length > 0 && math.Abs(length+step*rho.Slope(length)-a) > 1e-11*(a+step*math.Abs(rho.Slope(length))):
			t.Errorf("a %v, step %v: residual %v at length %v", a, step, length+step*rho.Slope(length)-a, length)
		}
	})
}
