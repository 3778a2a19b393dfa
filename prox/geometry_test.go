package prox_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/prox"
)

// diagonal lists what is solved under a diagonal metric.
func diagonal() []prox.Penalty[float64] {
	norm := func(rho prox.Radial) prox.Penalty[float64] { return prox.Norm[float64]{Rho: rho} }
	return []prox.Penalty[float64]{
		prox.None[float64]{}, prox.L2[float64]{Lambda: 0.7}, prox.L1[float64]{Lambda: 0.7},
		prox.ElasticNet[float64]{Lambda1: 0.4, Lambda2: 1.5}, prox.Box[float64]{Lo: -0.5, Hi: 1}, prox.NonNegative[float64]{},
		norm(prox.RadialZero{}), norm(prox.Linear{Lambda: 0.7}), norm(prox.Linear{Lambda: 30}), norm(prox.Quadratic{Lambda: 0.7}),
		norm(prox.LinearQuadratic{Lambda1: 0.4, Lambda2: 1.5}), norm(prox.Huber{Lambda: 2, Delta: 0.5}),
		norm(prox.PseudoHuber{Lambda: 1.5, Delta: 0.3}), norm(prox.Power{Lambda: 0.6, P: 1.5}), norm(prox.Power{Lambda: 0.6, P: 3}),
		norm(prox.Ball{Radius: 0.8}), norm(prox.Ball{Radius: 0}),
		prox.Translate[float64]{Of: norm(prox.Linear{Lambda: 0.7}), By: []float64{1, -1, 0.5, 0}},
		prox.Scale[float64]{Of: prox.L1[float64]{Lambda: 0.7}, By: 2},
	}
}

// step takes the step of a pair of parts from x along d.
func step(t *testing.T, g prox.Geometry[float64], p prox.Penalty[float64], at prox.Point[float64], size float64) {
	t.Helper()
	solver, err := g.Solver(p)
	if err != nil {
		t.Fatal(err)
	}
	at.Piece = solver.Piece([]int{len(at.X)})
	solver.Step(at, size)
}

func TestDiagonalStepIsTheMinimiser(t *testing.T) {
	for _, p := range diagonal() {
		forPoints(func(rng *rand.Rand, x []float64, size float64) {
			d, squares := draw(rng, 1), draw(rng, 1)
			metric := prox.Metric[float64]{Squares: squares, Scale: 1, Offset: 0.1}
			h := make([]float64, len(x))
			for i, s := range squares {
				squares[i] = s * s
			}
			metric.To(h)
			z := slices.Clone(x)
			step(t, prox.Diagonal[float64]{}, p, prox.Point[float64]{X: z, Direction: d, Times: 0.5, Metric: metric, Scratch: make([]float64, len(x))}, size)
			objective := func(z []float64) float64 {
				sum := p.Value(z) + prox.Diagonal[float64]{}.Divergence(z, x, h)/size
				for i := range z {
					sum += 0.5 * d[i] * z[i]
				}
				return sum
			}
			least := objective(z)
			for range 100 {
				w := slices.Clone(z)
				for i, move := range draw(rng, math.Pow(10, -6*rng.Float64())) {
					w[i] += move
				}
				if at := objective(w); !(at >= least-1e-12*(1+math.Abs(least))) {
					t.Fatalf("%#v, metric %v: %v has %v, the minimiser %v has %v", p, h, w, at, z, least)
				}
			}
		})
	}
}

// In a constant metric h the step is the Euclidean one of size step/h.
func TestConstantMetricIsEuclidean(t *testing.T) {
	for _, p := range diagonal() {
		forPoints(func(rng *rand.Rand, x []float64, size float64) {
			const h = 1.7
			d := draw(rng, 1)
			y := slices.Clone(x)
			step(t, prox.Diagonal[float64]{}, p, prox.Point[float64]{
				X: x, Direction: d, Times: 1, Metric: prox.Metric[float64]{Squares: make([]float64, len(x)), Offset: h}, Scratch: make([]float64, len(x)),
			}, size*h)
			step(t, prox.Euclidean[float64]{}, p, prox.Point[float64]{X: y, Direction: d, Times: 1}, size)
			near(t, "step", x, y)
		})
	}
}

func TestPairsWithoutClosedFormAreRefused(t *testing.T) {
	log := prox.Norm[float64]{Rho: prox.Log{Lambda: 1, Scale: 1}}
	for _, c := range []struct {
		geometry prox.Geometry[float64]
		penalty  prox.Penalty[float64]
	}{
		{prox.Diagonal[float64]{}, log},
		{prox.Diagonal[float64]{}, prox.Norm[float64]{Rho: prox.ExpDecay{Lambda: 1, Scale: 1}}},
		{prox.Diagonal[float64]{}, prox.Scale[float64]{Of: log, By: 2}},
		{prox.Diagonal[float64]{}, prox.MoreauEnvelope[float64]{Of: prox.None[float64]{}, Width: 1}},
		{prox.Bernoulli[float64]{}, prox.L2[float64]{Lambda: 1}},
		{prox.Bernoulli[float64]{}, log},
		{prox.Simplex[float64]{}, prox.L2[float64]{Lambda: 1}},
		{prox.Orthant[float64]{}, prox.ElasticNet[float64]{Lambda2: 1}},
		{prox.EntropyBox[float64]{Lo: -1, Hi: 1}, prox.L1[float64]{Lambda: 1}},
	} {
		_, err := c.geometry.Solver(c.penalty)
		if err == nil {
			t.Errorf("%T with %T is not refused", c.penalty, c.geometry)
			continue
		}
		for _, part := range []any{c.geometry, c.penalty} {
			if name := strings.TrimPrefix(strings.Split(typeName(part), "[")[0], "prox."); !strings.Contains(err.Error(), name) {
				t.Errorf("the refusal %q does not name %s", err, name)
			}
		}
	}
}

func TestMirrorStepsAreMinimisers(t *testing.T) {
	l1 := prox.L1[float64]{Lambda: 0.3}
	for _, c := range []struct {
		name     string
		geometry prox.Diverging
		penalty  prox.Penalty[float64]
		inside   func(x []float64)
	}{
		{"Bernoulli", prox.Bernoulli[float64]{}, prox.None[float64]{}, toUnit},
		{"Bernoulli with L1", prox.Bernoulli[float64]{}, l1, toUnit},
		{"box", prox.EntropyBox[float64]{Lo: -1, Hi: 3}, prox.None[float64]{}, toBox},
		{"rescaled box", prox.EntropyBox[float64]{Lo: -1, Hi: 3, Rescaled: true}, prox.None[float64]{}, toBox},
		{"simplex", prox.Simplex[float64]{}, prox.None[float64]{}, toSimplex},
		{"simplex with L1", prox.Simplex[float64]{}, l1, toSimplex},
		{"orthant", prox.Orthant[float64]{}, prox.NonNegative[float64]{}, toOrthant},
		{"orthant with L1", prox.Orthant[float64]{}, l1, toOrthant},
	} {
		t.Run(c.name, func(t *testing.T) {
			forPoints(func(rng *rand.Rand, x []float64, size float64) {
				c.inside(x)
				d := draw(rng, 1)
				y := make([]float64, len(x))
				if err := c.geometry.ToDual(y, x); err != nil {
					t.Fatal(err)
				}
				z := slices.Clone(x)
				step(t, c.geometry, c.penalty, prox.Point[float64]{X: z, Direction: d, Times: 0.5, Dual: y}, size)
				back := make([]float64, len(x))
				c.geometry.FromDual(back, y)
				near(t, "the point of the dual state", back, z)

				objective := func(z []float64) float64 {
					sum := c.penalty.Value(z) + c.geometry.Divergence(z, x)/size
					for i := range z {
						sum += 0.5 * d[i] * z[i]
					}
					return sum
				}
				least := objective(z)
				for range 50 {
					other := draw(rng, 1.5)
					c.inside(other)
					part := math.Pow(10, -5*rng.Float64())
					for i := range other {
						other[i] = z[i] + part*(other[i]-z[i])
					}
					if at := objective(other); !(at >= least-1e-12*(1+math.Abs(least))) {
						t.Fatalf("from %v along %v: %v has %v, the minimiser %v has %v", x, d, other, at, z, least)
					}
				}

				budget := c.geometry.Divergence(z, x)
				got, err := prox.StepOfDivergence(c.geometry, x, d, budget)
				if c.penalty == prox.Penalty[float64](prox.None[float64]{}) && (err != nil || math.Abs(got-size/2) > 1e-7*size) {
					t.Errorf("a step of divergence %v is %v, want %v (%v)", budget, got, size/2, err)
				}
			})
		})
	}
}

func toUnit(x []float64) {
	for i, v := range x {
		x[i] = 1 / (1 + math.Exp(-v))
	}
}

func toBox(x []float64) {
	toUnit(x)
	for i, v := range x {
		x[i] = -1 + 4*v
	}
}

func toOrthant(x []float64) {
	for i, v := range x {
		x[i] = math.Exp(v)
	}
}

func toSimplex(x []float64) {
	toOrthant(x)
	sum := sumOf(x, math.Abs)
	for i := range x {
		x[i] /= sum
	}
}

func TestLogitsFarOut(t *testing.T) {
	geometry := prox.Bernoulli[float32]{}
	solver, err := geometry.Solver(prox.None[float32]{})
	if err != nil {
		t.Fatal(err)
	}
	x, y, rest := []float32{0.5, 0.5}, make([]float32, 2), make([]float32, 2)
	if err := geometry.ToDual(y, x); err != nil {
		t.Fatal(err)
	}
	solver.Step(prox.Point[float32]{X: x, Direction: []float32{700, -700}, Times: 1, Dual: y}, 1)
	geometry.Complement(rest, y)
	if y[0] != -700 || y[1] != 700 || x[0] != 0 || x[1] != 1 || rest[0] != 1 || rest[1] != 0 {
		t.Errorf("out: x %v, 1−x %v, y %v", x, rest, y)
	}
	solver.Step(prox.Point[float32]{X: x, Direction: []float32{-700, 700}, Times: 1, Dual: y}, 1)
	if x[0] != 0.5 || x[1] != 0.5 {
		t.Errorf("back: %v, want ½", x)
	}
	if d := geometry.DualDivergence([]float32{700, -30}, []float32{-700, 30}); math.Abs(d-700-30) > 1e-3 {
		t.Errorf("divergence across is %v, want 730", d)
	}
}

func TestDivergenceHasItsDigitsNearby(t *testing.T) {
	x := []float64{0.3}
	for _, h := range []float64{1e-3, 1e-6, 1e-9, 1e-12} {
		z := []float64{0.3 + h}
		h := z[0] - x[0]
		want := h * h / 2 / (0.3 * 0.7) * (1 - h*0.4/(3*0.3*0.7)) // and terms of 3h² relative
		if got := (prox.Bernoulli[float64]{}).Divergence(z, x); math.Abs(got-want) > (3*h*h+1e-14)*want {
			t.Errorf("at distance %v: %v, want %v", h, got, want)
		}
	}
}

func TestBudgetsOutOfReach(t *testing.T) {
	unit := prox.Bernoulli[float64]{}
	for name, c := range map[string]struct {
		x, d   []float64
		budget float64
	}{
		"zero gradient": {[]float64{0.5}, []float64{0}, 1},
		"too far":       {[]float64{0.5}, []float64{1}, 1}, // log 2 at most
		"no budget":     {[]float64{0.5}, []float64{1}, 0},
		"outside":       {[]float64{1.5}, []float64{1}, 0.1},
	} {
		if got, err := prox.StepOfDivergence(unit, c.x, c.d, c.budget); err == nil {
			t.Errorf("%s: step %v", name, got)
		}
	}
	if got, err := prox.StepOfDivergence(unit, []float64{0.5}, []float64{1e-8}, 1e-6); err != nil || !(got > 1e4) {
		t.Errorf("a long step: %v, %v", got, err)
	}
}
