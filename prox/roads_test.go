package prox_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/prox"
)

// Two roads to one function agree.

func near(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if !(math.Abs(got[i]-want[i]) <= 1e-12*(1+math.Abs(want[i]))) {
			t.Errorf("%s: %v, want %v", what, got, want)
			return
		}
	}
}

func forPoints(test func(rng *rand.Rand, a []float64, step float64)) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		test(rng, draw(rng, 1.5), math.Exp(rng.NormFloat64()))
	}
}

func TestEnvelopeOfNormIsHuber(t *testing.T) {
	const width = 0.4
	envelope := prox.MoreauEnvelope[float64]{Of: prox.Norm[float64]{Rho: prox.Linear{Lambda: 1}}, Width: width}
	huber := prox.Norm[float64]{Rho: prox.Huber{Lambda: 1 / width, Delta: width}}
	forPoints(func(_ *rand.Rand, a []float64, step float64) {
		near(t, "value", []float64{envelope.Value(a)}, []float64{huber.Value(a)})
		near(t, "map", proxOf(envelope, a, step), proxOf(huber, a, step))
		h := make([]float64, size)
		envelope.Gradient(h, a)
		norm := math.Sqrt(squaredDistance(a, make([]float64, size)))
		want := slices.Clone(a)
		for i := range want {
			want[i] *= prox.Huber{Lambda: 1 / width, Delta: width}.Slope(norm) / norm
		}
		near(t, "gradient", h, want)
	})
}

func TestL1BallIsSimplexWithSigns(t *testing.T) {
	forPoints(func(rng *rand.Rand, a []float64, _ float64) {
		radius := 0.5 + rng.Float64()
		got := make([]float64, size)
		if err := prox.ProjectL1Ball(got, a, radius, nil, nil); err != nil {
			t.Fatal(err)
		}
		want, sum := make([]float64, size), 0.0
		for i, v := range a {
			want[i] = math.Abs(v)
			sum += want[i]
		}
		if sum > radius {
			if err := prox.ProjectSimplex(want, want, radius); err != nil {
				t.Fatal(err)
			}
		}
		for i, v := range a {
			want[i] = math.Copysign(want[i], v)
		}
		near(t, "projection", got, want)
	})
}

func TestSoftThresholdIsConjugateOfBox(t *testing.T) {
	const lambda = 0.7
	box := prox.Conjugate[float64]{Of: prox.Box[float64]{Lo: -lambda, Hi: lambda}}
	ball := prox.Conjugate[float64]{Of: prox.Norm[float64]{Rho: prox.Ball{Radius: lambda}}}
	forPoints(func(_ *rand.Rand, a []float64, step float64) {
		z := make([]float64, size)
		l1 := prox.L1[float64]{Lambda: lambda}
		value := box.Prox(z, a, step)
		near(t, "L1", z, proxOf(l1, a, step))
		near(t, "its value", []float64{value}, []float64{l1.Value(z)})
		ball.Prox(z, a, step)
		near(t, "norm", z, proxOf(prox.Norm[float64]{Rho: prox.Linear{Lambda: lambda}}, a, step))
	})
}

func TestRadialFormsOfSeparablePenalties(t *testing.T) {
	pairs := [][2]prox.Penalty[float64]{
		{prox.L2[float64]{Lambda: 0.7}, prox.Norm[float64]{Rho: prox.Quadratic{Lambda: 0.7}}},
		{prox.L2[float64]{Lambda: 0.7}, prox.Norm[float64]{Rho: prox.Power{Lambda: 0.35, P: 2}}},
		{prox.None[float64]{}, prox.Norm[float64]{Rho: prox.RadialZero{}}},
		{prox.Scale[float64]{Of: prox.L1[float64]{Lambda: 0.2}, By: 3}, prox.L1[float64]{Lambda: 0.6}},
		{prox.ElasticNet[float64]{Lambda1: 0.6}, prox.L1[float64]{Lambda: 0.6}},
		{prox.Translate[float64]{Of: prox.None[float64]{}, By: []float64{1, 2, 3, 4}}, prox.None[float64]{}},
	}
	forPoints(func(_ *rand.Rand, a []float64, step float64) {
		for _, p := range pairs {
			near(t, "map", proxOf(p[0], a, step), proxOf(p[1], a, step))
		}
	})
}

// A power a hair off one in closed form goes through Newton's method.
func TestPowersInClosedFormMatchNewton(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, p := range []float64{0.5, 1.5, 2, 3, 4} {
		for range 50 {
			a, step := math.Exp(3*rng.NormFloat64()), math.Exp(rng.NormFloat64())
			got := prox.Power{Lambda: 0.6, P: p}.Length(a, step)
			want := prox.Power{Lambda: 0.6, P: p * (1 + 1e-13)}.Length(a, step)
			if math.Abs(got-want) > 1e-10*want {
				t.Errorf("P %v, a %v, step %v: closed form %v, Newton %v", p, a, step, got, want)
			}
		}
	}
}

// A search that knows nothing of ρ finds what the exact methods do.
func TestCustomFindsTheSameMinimisers(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for _, rho := range []prox.Smooth{
		prox.Cosine{Lambda: 0.5, Omega: 6}, prox.Cosine{Lambda: 3, Omega: 2}, prox.Log{Lambda: 2, Scale: 0.2},
		prox.Power{Lambda: 0.6, P: 0.5}, prox.Power{Lambda: 0.6, P: 0.3}, prox.ExpDecay{Lambda: 1, Scale: 0.5}, prox.Linear{Lambda: 1},
	} {
		for range 30 {
			a, step := math.Exp(rng.NormFloat64()), math.Exp(rng.NormFloat64())
			phi := func(l float64) float64 { return rho.At(l) + (l-a)*(l-a)/(2*step) }
			want := rho.Length(a, step)
			blind := &prox.Custom{Rho: rho.At}
			if got := blind.Length(a, step); math.Abs(phi(got)-phi(want)) > 1e-12*(1+phi(want)) {
				t.Errorf("%#v, a %v, step %v: %v by search (φ %v), %v exactly (φ %v)", rho, a, step, got, phi(got), want, phi(want))
			}
			seeing := &prox.Custom{Rho: rho.At, Derivative: rho.Slope, Second: rho.Curvature}
			if got := seeing.Length(a, step); math.Abs(got-want) > 1e-11*(1+want) {
				t.Errorf("%#v, a %v, step %v: %v by search with derivatives, %v exactly", rho, a, step, got, want)
			}
		}
	}
}

func TestJacobianMatchesDifferences(t *testing.T) {
	forPoints(func(_ *rand.Rand, a []float64, step float64) {
		for _, rho := range []prox.Smooth{
			prox.Linear{Lambda: 0.3}, prox.Huber{Lambda: 2, Delta: 0.5}, prox.PseudoHuber{Lambda: 1, Delta: 0.3}, prox.Ball{Radius: 0.8},
			prox.ExpDecay{Lambda: 1, Scale: 0.5}, prox.Power{Lambda: 0.6, P: 2.5}, prox.ShiftedQuadratic{Lambda: 1, Centre: 2},
			&prox.Custom{IsConvex: true, Rho: func(r float64) float64 { return r * r * r }, Derivative: func(r float64) float64 { return 3 * r * r }},
		} {
			jacobian := make([]float64, size*size)
			if err := prox.RadialJacobian(jacobian, a, rho, step); err != nil {
				t.Fatal(err)
			}
			const h = 1e-5
			for j := range a {
				up, down := slices.Clone(a), slices.Clone(a)
				up[j] += h
				down[j] -= h
				zu, zd := proxOf(prox.Norm[float64]{Rho: rho}, up, step), proxOf(prox.Norm[float64]{Rho: rho}, down, step)
				for i := range a {
					if want := (zu[i] - zd[i]) / (2 * h); math.Abs(jacobian[i*size+j]-want) > 1e-6 {
						t.Fatalf("%#v at %v: ∂z%d/∂a%d is %v, differences give %v", rho, a, i, j, jacobian[i*size+j], want)
					}
				}
			}
		}
	})
}

func TestApplyIsPieceByPiece(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	const rows, width = 300, 70
	a := make([]float64, rows*width)
	for i := range a {
		a[i] = rng.NormFloat64()
	}
	for _, p := range []prox.Penalty[float64]{
		prox.L1[float64]{Lambda: 0.5},
		prox.Norm[float64]{Rho: prox.Linear{Lambda: 0.5}},
		prox.Norm[float64]{Rho: prox.Linear{Lambda: 8.3}, Per: prox.PerRow},
	} {
		got := make([]float64, len(a))
		value := prox.Apply(p, []int{rows, width}, got, a, 1)
		want, total := make([]float64, len(a)), 0.0
		piece := p.Piece([]int{rows, width})
		if piece == 0 {
			piece = len(a)
		}
		for lo := 0; lo < len(a); lo += piece {
			total += p.Prox(want[lo:lo+piece], a[lo:lo+piece], 1)
		}
		near(t, "map", got, want)
		near(t, "value", []float64{value}, []float64{total})
	}
}
