package attack_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/gradus-ml/gradus/attack"
)

// instance is a random linearised attack, with zeros, ties and tight rooms.
type instance struct {
	x, g []float64
	ball attack.Ball
	box  attack.Box
}

func drawInstance(t *rapid.T, rng *rand.Rand) instance {
	n := 1 + rng.IntN(12)
	in := instance{x: make([]float64, n), g: make([]float64, n), box: attack.Unit()}
	scale := math.Pow(10, float64(rapid.IntRange(-150, 150).Draw(t, "exponent")))
	for i := range in.x {
		in.x[i] = min(1, max(0, 1.2*rng.Float64()-0.1))
		in.g[i] = scale * math.Trunc(8*rng.NormFloat64()) / 4
	}
	in.ball = attack.Lp(rapid.SampledFrom([]float64{1, 1.01, 1.5, 2, 3, 40, math.Inf(1)}).Draw(t, "p"), 2*rng.ExpFloat64())
	if rng.IntN(3) == 0 {
		in.box = attack.Everywhere()
	}
	return in
}

func dot(a, b []float64) (sum float64) {
	for i := range a {
		sum += a[i] * b[i]
	}
	return sum
}

func minus(a, b []float64) []float64 {
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	return d
}

// dualBound is a lower bound of ⟨g, δ⟩ over ball and box for every split of g
// into what the ball pays for and what the box pays for: here the part of g up
// to what the moves δ would cost in the ball, the best one at the optimum.
func dualBound(in instance, delta []float64) float64 {
	q := in.ball.P / (in.ball.P - 1)
	if in.ball.P == 1 {
		q = math.Inf(1)
	} else if math.IsInf(in.ball.P, 1) {
		q = 1
	}
	room := func(i int) float64 {
		if in.g[i] > 0 {
			return in.x[i] - in.box.Lo
		}
		return in.box.Hi - in.x[i]
	}
	best := math.Inf(-1)
	try := func(share func(i int) float64) { // of |g_i| that the ball pays for
		w := make([]float64, len(delta))
		bound := 0.0
		for i, g := range in.g {
			w[i] = min(math.Abs(g), share(i))
			if rest := math.Abs(g) - w[i]; rest > 0 {
				bound -= rest * room(i)
			}
		}
		best = max(best, bound-in.ball.Radius*attack.Norm(w, q))
	}
	try(func(int) float64 { return 0 })
	try(func(int) float64 { return math.Inf(1) })
	for k, g := range in.g { // the price of the ball, read off each element
		switch {
		case in.ball.P == 1:
			try(func(int) float64 { return math.Abs(g) })
		case math.IsInf(in.ball.P, 1):
			try(func(i int) float64 {
				if room(i) >= in.ball.Radius {
					return math.Inf(1)
				}
				return 0
			})
		case delta[k] != 0:
			try(func(i int) float64 {
				if math.Abs(delta[i]) < room(i)*(1-1e-12) {
					return math.Inf(1) // the box does not bind
				}
				return math.Abs(g) * math.Pow(math.Abs(delta[i]/delta[k]), in.ball.P-1)
			})
		}
	}
	return best
}

// The least value equals a lower bound from duality: nothing in the ball and
// the box does better.
func TestMinimiseMeetsTheDualBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInstance(t, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		adv := make([]float64, len(in.x))
		value, err := attack.Minimise(adv, in.x, in.g, in.ball, in.box)
		if err != nil {
			t.Fatal(err)
		}
		delta := minus(adv, in.x)
		if norm := attack.Norm(delta, in.ball.P); norm > in.ball.Radius*(1+0x1p-52) {
			t.Fatalf("‖δ‖ is %v, more than %v", norm, in.ball.Radius)
		}
		for i, v := range adv {
			if v < in.box.Lo || v > in.box.Hi || in.g[i] == 0 && v != in.x[i] {
				t.Fatalf("element %d is %v from %v, gradient %v", i, v, in.x[i], in.g[i])
			}
		}
		size := attack.Norm(in.g, 1)
		if math.Abs(value-dot(in.g, delta)) > 1e-14*size {
			t.Fatalf("value %v, ⟨g, δ⟩ is %v", value, dot(in.g, delta))
		}
		// δ holds no more digits than x has.
		if bound := dualBound(in, delta); value > bound+1e-9*size*(1+in.ball.Radius) || value < bound-1e-9*size*(1+in.ball.Radius) {
			t.Fatalf("%+v: value %v, bound %v (δ %v)", in, value, bound, delta)
		}
		if again, err := attack.Maximise(adv, in.x, negated(in.g), in.ball, in.box); err != nil || again != -value {
			t.Fatalf("maximised −g: %v, %v, want %v", again, err, -value)
		}
	})
}

func negated(x []float64) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = -v
	}
	return y
}

// In float32 the attack is as good to the digits of float32, and inside in the
// exact difference of the numbers.
func TestMinimiseInFloat32(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		in := drawInstance(t, rng)
		n := len(in.x)
		x, g, adv := make([]float32, n), make([]float32, n), make([]float32, n)
		top := attack.Norm(in.g, math.Inf(1))
		for i := range x {
			x[i], in.g[i] = float32(in.x[i]), float64(float32(in.g[i]/max(top, 1e-300)))
			in.x[i], g[i] = float64(x[i]), float32(in.g[i])
		}
		in.box = attack.Box{Lo: -0.1, Hi: 1.1} // bounds that float32 does not hold
		value, err := attack.Minimise(adv, x, g, in.ball, in.box)
		if err != nil {
			t.Fatal(err)
		}
		exact := make([]float64, n)
		want, err := attack.Minimise(exact, in.x, in.g, in.ball, in.box)
		if err != nil {
			t.Fatal(err)
		}
		if value < want-1e-9 || value > want+1e-6*float64(n)*(1+math.Abs(want)) {
			t.Fatalf("value %v, in float64 %v", value, want)
		}
		delta := make([]float64, n)
		for i, v := range adv {
			delta[i] = float64(v) - in.x[i]
			if float64(v) < in.box.Lo || float64(v) > in.box.Hi {
				t.Fatalf("element %d is %v, outside the box", i, v)
			}
		}
		if norm := attack.Norm(delta, in.ball.P); norm > in.ball.Radius*(1+0x1p-52) {
			t.Fatalf("‖δ‖ is %v, more than %v", norm, in.ball.Radius)
		}
	})
}

// Clipping what solves the ball alone is feasible and worse.
func TestClippingIsNotOptimal(t *testing.T) {
	x, g := []float64{0.01, 0.5, 0.5}, []float64{3, 2, -1}
	for _, ball := range []attack.Ball{attack.L1(0.3), attack.L2(0.3), attack.Lp(3, 0.3)} {
		clipped, adv := make([]float64, 3), make([]float64, 3)
		if _, err := attack.Minimise(clipped, x, g, ball, attack.Everywhere()); err != nil {
			t.Fatal(err)
		}
		for i, v := range clipped {
			clipped[i] = min(1, max(0, v))
		}
		value, err := attack.Minimise(adv, x, g, ball, attack.Unit())
		if err != nil {
			t.Fatal(err)
		}
		if other := dot(g, minus(clipped, x)); !(value < other-1e-3) {
			t.Errorf("%+v: exact %v, clipped %v: want a clear difference", ball, value, other)
		}
	}
}

func TestMinimiseRefuses(t *testing.T) {
	for what, c := range map[string]instance{
		"negative radius": {x: []float64{0}, g: []float64{1}, ball: attack.L2(-1), box: attack.Unit()},
		"NaN radius":      {x: []float64{0}, g: []float64{1}, ball: attack.L2(math.NaN()), box: attack.Unit()},
		"infinite radius": {x: []float64{0}, g: []float64{1}, ball: attack.LInf(math.Inf(1)), box: attack.Unit()},
		"p below 1":       {x: []float64{0}, g: []float64{1}, ball: attack.Lp(0.5, 1), box: attack.Unit()},
		"empty box":       {x: []float64{0}, g: []float64{1}, ball: attack.L2(1), box: attack.Box{Lo: 1, Hi: 0}},
		"x outside":       {x: []float64{2}, g: []float64{1}, ball: attack.L2(1), box: attack.Unit()},
		"x NaN":           {x: []float64{math.NaN()}, g: []float64{1}, ball: attack.L2(1), box: attack.Everywhere()},
		"x infinite":      {x: []float64{math.Inf(1)}, g: []float64{1}, ball: attack.L2(1), box: attack.Everywhere()},
		"gradient NaN":    {x: []float64{0}, g: []float64{math.NaN()}, ball: attack.L2(1), box: attack.Unit()},
		"lengths":         {x: []float64{0}, g: []float64{1, 2}, ball: attack.L2(1), box: attack.Unit()},
	} {
		e := new(attack.DomainError)
		if _, err := attack.Minimise(make([]float64, 1), c.x, c.g, c.ball, c.box); !errors.As(err, &e) {
			t.Errorf("%s: error %v", what, err)
		}
	}
}

// The projection z of v is the point with ⟨v − z, w − z⟩ ≤ 0 for all w inside.
func TestProjectIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		in := drawInstance(t, rng)
		n := len(in.x)
		v, z, w := make([]float64, n), make([]float64, n), make([]float64, n)
		for i := range v {
			v[i] = math.Trunc(8*rng.NormFloat64()) / 4
		}
		if err := attack.Project(z, v, in.x, in.ball, in.box); err != nil {
			t.Fatal(err)
		}
		nearest := minus(z, in.x)
		if norm := attack.Norm(nearest, in.ball.P); norm > in.ball.Radius*(1+0x1p-52) {
			t.Fatalf("‖δ‖ is %v, more than %v", norm, in.ball.Radius)
		}
		for range 30 { // corners of the set, in random directions
			for i := range in.g {
				in.g[i] = rng.NormFloat64()
			}
			if _, err := attack.Minimise(w, in.x, in.g, in.ball, in.box); err != nil {
				t.Fatal(err)
			}
			if angle := dot(minus(v, nearest), minus(w, z)); angle > 1e-9*(1+in.ball.Radius) {
				t.Fatalf("%+v: %v of %v is not nearest, %v shows by %v", in.ball, nearest, v, w, angle)
			}
		}
	})
}
