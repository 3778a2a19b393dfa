package moments

import "math"

// Gains are by how much weights must be larger than for a linear network.
type Gains struct {
	Forward  float64 // (E φ(z)²)^−½ for standard normal z: keeps E z² = 1 from layer to layer
	Backward float64 // (E φ'(z)²)^−½: keeps the gradient's variance

	// Conventional is the gain in PyTorch's table, 0 where it has none. Its 5/3
	// for tanh is a convention: the forward gain is 1.5925.
	Conventional float64
}

// Gain returns the gains of an activation; a weight variance of gain²/fan
// keeps variances. They are +Inf for a function that is 0. Source:
// docs/node-statistics.md; He et al. 2015.
func Gain(f Function) (Gains, error) {
	m, err := GaussianThrough(f, 0, 1)
	if err != nil {
		return Gains{}, err
	}
	return Gains{Forward: 1 / math.Sqrt(m.SecondMoment), Backward: 1 / math.Sqrt(m.SlopeSecondMoment), Conventional: f.conventional}, nil
}

// FixedPoint is a variance q of pre-activations that a layer reproduces:
// q = gain²·E φ(√q·z)².
type FixedPoint struct {
	Variance float64
	Stable   bool // variances near it come nearer from layer to layer
}

// FixedPoints returns the fixed points between 1e-12 and 1e12 of a deep network
// with activation f and weight variance gain²/fan-in, smallest first. Without
// any, variances vanish or explode. Every reports that each q is one, as for
// ReLU with gain √2. Tanh with gain 5/3 has the stable one 1.1785.
//
// Source: docs/node-statistics.md; Poole et al. 2016.
func FixedPoints(f Function, gain float64) (points []FixedPoint, every bool, err error) {
	if err := checkVariances(number{"gain", gain}); err != nil {
		return nil, false, err
	}
	if _, err := GaussianThrough(f, 0, 1); err != nil {
		return nil, false, err
	}
	// The logarithm of how much a layer changes a variance e^x.
	change := func(x float64) float64 {
		return math.Log(gain*gain*secondThrough(f, math.Exp(x))) - x
	}
	const steps = 56
	lo := math.Log(1e-12)
	width := -2 * lo / steps
	// Changes below this are rounding: ReLU's kin far from 0 reproduce any q.
	const rounding = 1e-11
	every = true
	from, before := lo, 0. // the last place with a clear change
	for i := range steps + 1 {
		x := lo + width*float64(i)
		after := change(x)
		if math.Abs(after) <= rounding {
			continue
		}
		every = false
		if before*after < 0 {
			points = append(points, FixedPoint{Variance: math.Exp(bisect(change, from, x)), Stable: before > 0})
		}
		from, before = x, after
	}
	return points, every, nil
}

// secondThrough is E f(z)² for z of mean 0 and the given variance.
func secondThrough(f Function, variance float64) float64 {
	if f.rectifier {
		return (1 + f.below*f.below) / 2 * variance
	}
	return expect(0, math.Sqrt(variance), 1, func(_, z float64, v []float64) {
		y := f.Value(z)
		v[0] = y * y
	}, nil)[0]
}

// bisect finds where a function changes its sign between lo and hi.
func bisect(f func(float64) float64, lo, hi float64) float64 {
	below := f(lo)
	for range 60 {
		middle := (lo + hi) / 2
		if v := f(middle); v == 0 {
			return middle
		} else if (v > 0) == (below > 0) {
			lo = middle
		} else {
			hi = middle
		}
	}
	return (lo + hi) / 2
}
