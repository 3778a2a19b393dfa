package moments

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/integrate/quad"
)

// reach is how many standard deviations of a normal distribution matter: what
// lies beyond has the weight 4e-33.
const reach = 12

// nodes is how many points one interval has.
const nodes = 16

// expectation integrates over a normal distribution: Gauss–Legendre rules on
// intervals that are halved until halves and whole agree, so that kinks and
// steps anywhere cost points but no digits.
type expectation struct {
	mean, std float64
	integrand func(t, z float64, values []float64) // at z = mean + std·t

	x, w   [nodes]float64 // the rule on [−1, 1]
	scale  []float64      // of each component, what errors are held against
	sum    []float64
	values []float64 // room for the components at one point
	budget int       // how many intervals may still be halved
}

// expect returns the expectations of the components that f stores, for
// z ~ N(mean, std²). The std must be positive. Errors are held against 1e-14 of
// the integral of the absolute value; loosen, unless it is nil, may raise that
// where the integrand itself is not so exact, and would be halved for ever.
func expect(mean, std float64, components int, f func(t, z float64, values []float64), loosen func(scale []float64)) []float64 {
	e := newExpectation(mean, std, components, f)
	cuts := e.cuts()
	rough := make([][]float64, len(cuts)-1)
	for i := range rough {
		rough[i] = e.interval(cuts[i], cuts[i+1])
		for c, v := range rough[i] {
			e.scale[c] += math.Abs(v)
		}
	}
	if loosen != nil {
		loosen(e.scale)
	}
	for i, whole := range rough {
		e.refine(cuts[i], cuts[i+1], whole)
	}
	return e.sum
}

// expectSmooth is expect without halving: as good where f bends only near
// the cuts, and to about 4 digits where it has kinks elsewhere.
func expectSmooth(mean, std float64, components int, f func(t, z float64, values []float64)) []float64 {
	e := newExpectation(mean, std, components, f)
	cuts := e.cuts()
	for i := range cuts[1:] {
		e.add(e.sum, cuts[i], cuts[i+1])
	}
	return e.sum
}

func newExpectation(mean, std float64, components int, f func(t, z float64, values []float64)) *expectation {
	e := &expectation{mean: mean, std: std, integrand: f, budget: 4000}
	e.scale, e.sum, e.values = make([]float64, components), make([]float64, components), make([]float64, components)
	quad.Legendre{}.FixedLocations(e.x[:], e.w[:], -1, 1)
	return e
}

// cuts returns where to begin: every two standard deviations, and where z is 0
// or a power of 2, because activations bend near 0 and a wide distribution
// would step over it.
func (e *expectation) cuts() []float64 {
	var cuts []float64
	for t := -reach; t <= reach; t += 2 {
		cuts = append(cuts, float64(t))
	}
	add := func(z float64) {
		if t := (z - e.mean) / e.std; t > -reach && t < reach {
			cuts = append(cuts, t)
		}
	}
	add(0)
	for z := 0.5; z < math.Abs(e.mean)+reach*e.std && z < 1e300; z *= 2 {
		add(z)
		add(-z)
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// interval integrates between two values of t.
func (e *expectation) interval(lo, hi float64) []float64 {
	sum := make([]float64, len(e.sum))
	e.add(sum, lo, hi)
	return sum
}

// add adds the integrals between two values of t.
func (e *expectation) add(sum []float64, lo, hi float64) {
	half := (hi - lo) / 2
	for i, x := range e.x {
		t := lo + half*(1+x)
		e.integrand(t, e.mean+e.std*t, e.values)
		weight := half * e.w[i] * normalDensity(t)
		for c, v := range e.values {
			sum[c] += weight * v
		}
	}
}

func (e *expectation) refine(lo, hi float64, whole []float64) {
	middle := lo + (hi-lo)/2
	left, right := e.interval(lo, middle), e.interval(middle, hi)
	agree := true
	for c, v := range whole {
		if math.Abs(left[c]+right[c]-v) > 1e-14*e.scale[c] {
			agree = false
		}
	}
	if agree || e.budget == 0 || middle == lo || middle == hi {
		for c := range e.sum {
			e.sum[c] += left[c] + right[c]
		}
		return
	}
	e.budget--
	e.refine(lo, middle, left)
	e.refine(middle, hi, right)
}
