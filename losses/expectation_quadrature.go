package losses

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// QuadratureSplit is KL, CE and H of two densities on the line, with a bound on
// the error that the quadrature estimates of itself.
type QuadratureSplit struct{ KL, CrossEntropy, Entropy, ErrorEstimate float64 }

// Quadrature integrates the split of two densities, given by their logarithms,
// over [lo, hi], either of which may be infinite:
//
//	KL = ∫ p* (log p* − log p)    CE = −∫ p* log p    H = −∫ p* log p*
//
// KL is summed as ∫ p − p* − p*·log(p/p*), whose integrand is ≥ 0; both
// densities must therefore integrate to 1 over [lo, hi]. It refines until each
// integral is known to tol, absolute, and returns an invalid_parameter if a
// thousand intervals do not suffice.
func Quadrature(logTarget, logModel func(float64) float64, lo, hi, tol float64) (*QuadratureSplit, error) {
	if !(lo < hi) || !(tol > 0) {
		return nil, domain.Errorf(domain.InvalidParameter, "interval [%v, %v] with tolerance %v: want lo < hi and a tolerance > 0", lo, hi, tol)
	}
	times := func(p, log float64) float64 {
		if p == 0 {
			return 0
		}
		return p * log
	}
	s := &QuadratureSplit{}
	for _, part := range []struct {
		value *float64
		f     func(x float64) float64
	}{
		{&s.KL, func(x float64) float64 { return bregmanLogs(logTarget(x), logModel(x)) }},
		{&s.CrossEntropy, func(x float64) float64 { return -times(math.Exp(logTarget(x)), logModel(x)) }},
		{&s.Entropy, func(x float64) float64 { l := logTarget(x); return -times(math.Exp(l), l) }},
	} {
		v, e, err := integrate(part.f, lo, hi, tol)
		if err != nil {
			return nil, err
		}
		*part.value = v
		s.ErrorEstimate = max(s.ErrorEstimate, e)
	}
	return s, nil
}

// bregmanLogs is bregmanTerm for a target given by its logarithm.
func bregmanLogs(logp, logq float64) float64 {
	p := math.Exp(logp)
	if p == 0 {
		return math.Exp(logq)
	}
	if d := logq - logp; d <= 1 {
		return p * expm1m(d)
	}
	return math.Exp(logq) - p - p*(logq-logp)
}

// integrate is adaptive Gauss–Kronrod (7, 15) with the worst interval halved
// first; infinite ends are mapped by x = t/(1−t²). Source: Piessens et al.,
// QUADPACK, 1983.
func integrate(f func(float64) float64, lo, hi, tol float64) (value, err float64, _ error) {
	g := f
	if math.IsInf(lo, -1) || math.IsInf(hi, 1) {
		g = func(t float64) float64 {
			u := 1 - t*t
			v := f(t/u) * (1 + t*t) / (u * u)
			if math.IsNaN(v) { // 0·Inf at the far end, where densities vanish
				return 0
			}
			return v
		}
		lo, hi = unmap(lo), unmap(hi)
	}
	type piece struct{ lo, hi, value, err float64 }
	measure := func(lo, hi float64) piece {
		v, e := kronrod(g, lo, hi)
		return piece{lo, hi, v, e}
	}
	const start, limit = 16, 1000
	var pieces []piece
	for i := range start { // a narrow peak must be seen before it can be refined
		step := (hi - lo) / start
		pieces = append(pieces, measure(lo+float64(i)*step, lo+float64(i+1)*step))
	}
	for {
		value, err = 0, 0
		worst := 0
		for i, p := range pieces {
			value += p.value
			err += p.err
			if p.err > pieces[worst].err {
				worst = i
			}
		}
		if err <= tol || math.IsInf(value, 0) {
			return value, err, nil
		}
		if len(pieces) >= limit || math.IsNaN(err) {
			return 0, 0, domain.Errorf(domain.InvalidParameter, "the integral is known to %v only after %d intervals: want a wider tolerance, or densities without jumps", err, len(pieces))
		}
		p := pieces[worst]
		mid := p.lo + (p.hi-p.lo)/2
		pieces[worst] = measure(p.lo, mid)
		pieces = append(pieces, measure(mid, p.hi))
	}
}

// unmap returns t in [−1, 1] with x = t/(1−t²).
func unmap(x float64) float64 {
	if math.IsInf(x, 0) {
		return math.Copysign(1, x)
	}
	return 2 * x / (1 + math.Sqrt(1+4*x*x))
}

// kronrod returns the 15-point rule over [lo, hi] and its distance from the
// 7-point rule.
func kronrod(f func(float64) float64, lo, hi float64) (value, err float64) {
	nodes := [8]float64{0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
		0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
		0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
		0.207784955007898467600689403773245, 0}
	fine := [8]float64{0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
		0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
		0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
		0.204432940075298892414161999234649, 0.209482141084727828012999174891714}
	coarse := [4]float64{0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
		0.381830050505118944950369775488975, 0.417959183673469387755102040816327}
	mid, half := lo+(hi-lo)/2, (hi-lo)/2
	var g float64
	for i, x := range nodes {
		y := f(mid + half*x)
		if x != 0 {
			y += f(mid - half*x)
		}
		value += fine[i] * y
		if i%2 == 1 {
			g += coarse[i/2] * y
		}
	}
	return value * half, math.Abs(value-g) * half
}
