package attack

import (
	"math"
	"math/rand/v2"
	"testing"
)

// The gradients of the objectives are those of differences, but for a factor.
func TestObjectiveGradients(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		classes := 1 + rng.IntN(6)
		z, gradient, scratch, odds := make([]float64, classes), make([]float64, classes), make([]float64, classes), make([]float64, classes)
		for c := range z {
			z[c] = 3 * rng.NormFloat64()
		}
		y := rng.IntN(classes)
		for _, o := range []Objective{LogProbability, Margin} {
			value, factor := row(o, gradient, z, y, odds)
			if o == Margin && classes > 2 { // value·denominator is what row differentiates
				factor = math.NaN()
			}
			if classes == 1 {
				if o == LogProbability && (value != 0 || factor != 0 || gradient[0] != 0) {
					t.Errorf("one class: %v, %v, %v", value, factor, gradient)
				}
				continue
			}
			for c := range z {
				const h = 1e-5
				at := func(d float64) float64 {
					z[c] += d
					v, _ := row(o, scratch, z, y, odds)
					z[c] -= d
					return v
				}
				slope := (at(h) - at(-h)) / (2 * h)
				if math.IsNaN(factor) && math.Abs(gradient[c]) > 0.1 {
					factor = slope / gradient[c]
				}
				if !(math.Abs(slope-factor*gradient[c]) <= 1e-6*(1+math.Abs(slope))) && !math.IsNaN(factor) {
					t.Errorf("%v of %v at %d: gradient %v·%v in %d, difference %v", o, z, y, factor, gradient[c], c, slope)
				}
			}
			if !math.IsNaN(factor) && factor < 0 {
				t.Errorf("%v of %v at %d: the factor is %v", o, z, y, factor)
			}
		}
	}
}

// Far out nothing overflows or vanishes.
func TestLogProbabilityFarOut(t *testing.T) {
	gradient := make([]float64, 3)
	for _, c := range []struct {
		z                []float64
		value, factor, g float64 // the gradient of class 1
	}{
		{[]float64{1000, 0, 0}, -2 * 0, 0, -0.5},
		{[]float64{300, 0, math.Inf(-1)}, -math.Exp(-300), math.Exp(-300), -1},
		{[]float64{-1000, 0, -2000}, -1000, 1, -1},
		{[]float64{1e300, -1e300, -1e300}, 0, 0, -0.5},
	} {
		value, factor := row(LogProbability, gradient, c.z, 0, make([]float64, len(c.z)))
		if math.Abs(value-c.value) > 1e-12*math.Abs(c.value) || math.Abs(factor-c.factor) > 1e-12*c.factor || gradient[1] != c.g || gradient[0] != 1 {
			t.Errorf("%v: value %v, factor %v, gradient %v", c.z, value, factor, gradient)
		}
	}
	for _, o := range []Objective{LogProbability, Margin} {
		row(o, gradient, []float64{0, math.NaN(), 1}, 0, make([]float64, 3))
		if gradient[0] == gradient[0] && gradient[1] == gradient[1] {
			t.Errorf("%v hides NaN: %v", o, gradient)
		}
	}
}

// A random start is uniform in the ball: the part within half the radius is
// 2^−n, and no direction is preferred.
func TestUniformInBall(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for _, p := range []float64{1, 1.5, 2, 5} {
		const n, draws = 3, 20000
		inner, positive := 0, 0
		delta := make([]float64, n)
		for range draws {
			uniformInBall(delta, Lp(p, 2), rng)
			norm := Norm(delta, p)
			if norm > 2*(1+1e-12) {
				t.Fatalf("p = %v: norm %v", p, norm)
			}
			if norm < 1 {
				inner++
			}
			if delta[1] > 0 {
				positive++
			}
		}
		for what, c := range map[string][2]float64{"inside half the radius": {float64(inner), 0.125}, "positive": {float64(positive), 0.5}} {
			if deviation := math.Sqrt(draws * c[1] * (1 - c[1])); math.Abs(c[0]-draws*c[1]) > 5*deviation {
				t.Errorf("p = %v: %v of %d %s, want %v", p, c[0], draws, what, draws*c[1])
			}
		}
	}
}
