package main

import "math"

// power is e^x in two parts: p·2^n, for functions that multiply before they
// leave the range of normal numbers. The low bits of shifted are those of the
// integer n.
type power struct{ p, n, shifted vec }

// round is 1.5·2^mantissa: adding it rounds to an integer.
func (m *machine) round() float64 { return math.Ldexp(1.5, m.mantissa) }

// expParts returns e^(x + low) for x in [2·expLow, expHigh] and tiny low, which
// may be nil.
func (m *machine) expParts(x vec, low *vec) power {
	r, n, shifted := m.reduce(x)
	if low != nil {
		r = m.add(r, *low)
	}
	return power{m.add(m.expm1Near(r), m.operand(1)), n, shifted}
}

// reduce returns n, the integer nearest to x/ln 2, r = x − n·ln 2, and n +
// round().
func (m *machine) reduce(x vec) (r, n, shifted vec) { return m.reduceFrom(x, m.round()) }

// reduceFrom does so with shifted = n + from; from is round() plus an integer.
func (m *machine) reduceFrom(x vec, from float64) (r, n, shifted vec) {
	shifted = m.accumulate(m.copy(m.operand(from)), x, m.operand(math.Log2E))
	n = m.sub(shifted, m.operand(from))
	r = m.decrease(m.copy(x), n, m.operand(m.ln2High))
	return m.decrease(r, n, m.operand(m.ln2Low)), n, shifted
}

// expm1Near returns e^r − 1 for |r| ≤ ln(2)/2.
func (m *machine) expm1Near(r vec) vec {
	p := m.horner(r, m.element.exp)
	return m.fma(m.mul(r, r), p, r)
}

// ldexp returns x·2^n, rounded once, for |n| up to twice the largest exponent
// and x such that x·2^(n/2) is a normal number.
func (m *machine) ldexp(x, n vec) vec {
	if m.avx512 {
		return m.to(m.scalef, n, x)
	}
	bias := m.round() + float64(int(1)<<(m.bits-m.mantissa-2)-1)
	half := m.accumulate(m.copy(m.operand(bias)), n, m.operand(0.5))
	rest := m.add(m.sub(n, m.sub(half, m.operand(bias))), m.operand(bias))
	return m.mul(m.mul(x, m.shiftLeft(half, m.mantissa)), m.shiftLeft(rest, m.mantissa))
}

// small returns e for an exponent between −3/2 times the largest and 0. The
// power of 2 is taken half the largest exponent too high, so that it is a
// normal number, and the product brought down last: rounded once, as by ldexp.
func (m *machine) small(e power) vec {
	if m.avx512 {
		return m.ldexp(e.p, e.n)
	}
	bias, half := 1<<(m.bits-m.mantissa-2)-1, 1<<(m.bits-m.mantissa-3)
	high := m.addInt(m.shiftLeft(e.shifted, m.mantissa), uint64(bias+half)<<m.mantissa)
	return m.mul(m.mul(e.p, high), m.operand(math.Ldexp(1, -half)))
}

func (m *machine) exp(x vec) vec {
	x = m.atMost(m.atLeast(x, m.constant(m.expLow)), m.constant(m.expHigh))
	e := m.expParts(x, nil)
	return m.ldexp(e.p, e.n)
}

// vanish is so low that x·e^x is 0 there.
func (m *machine) vanish() float64 { return m.expLow - 16 }

// minusAbs returns −|x|, but not below vanish.
func (m *machine) minusAbs(x vec) vec {
	return m.atLeast(m.or(x, m.patternOperand(1<<(m.bits-1))), m.constant(m.vanish()))
}

// logNear returns ln(1+f) + k·ln 2 for √½ ≤ 1+f ≤ √2: with s = f/(2+f),
// ln(1+f) = f − f²/2 + s·(f²/2 + z·log(z)).
func (m *machine) logNear(f, k vec) vec {
	s := m.div(f, m.add(f, m.operand(2)))
	z := m.mul(s, s)
	half := m.mul(m.mul(f, m.operand(0.5)), f)
	inner := m.fma(z, m.horner(z, m.element.log), half)
	rest := m.fma(s, inner, m.mul(k, m.operand(m.ln2Low)))
	rest = m.sub(m.sub(half, rest), f)
	y := m.copy(k)
	m.do(m.fms213, rest, m.constant(m.ln2High), y)
	return y
}

func (m *machine) log(x vec) vec {
	// Subnormal numbers are made normal first.
	tiny := m.compare(x, less, m.operand(m.smallest))
	shift := float64(m.mantissa + 1)
	scaled := m.choose(tiny, m.mul(x, m.operand(math.Ldexp(1, m.mantissa+1))), x)
	// Adding one.bits − √½.bits carries into the exponent where the fraction
	// is at least √½ above.
	moved := m.addInt(scaled, m.one-m.sqrtHalf)
	// The exponent as the low bits of 2^mantissa.
	k := m.or(m.shiftRight(moved, m.mantissa), m.operand(math.Ldexp(1, m.mantissa)))
	k = m.sub(k, m.operand(math.Ldexp(1, m.mantissa)+float64(m.one>>m.mantissa)))
	k = m.sub(k, m.keep(tiny, m.constant(shift)))
	fraction := m.addInt(m.and(moved, m.patternOperand(1<<m.mantissa-1)), m.sqrtHalf)
	y := m.logNear(m.sub(fraction, m.operand(1)), k)
	// What is not below infinity is its own logarithm, NaN included.
	y = m.choose(m.compare(x, less, m.operand(math.Inf(1))), y, x)
	y = m.choose(m.compare(x, less, m.operand(0)), m.constant(math.NaN()), y)
	return m.choose(m.compare(x, equal, m.operand(0)), m.constant(math.Inf(-1)), y)
}

// tanh is e/(1+e) for e = (e^2|x| − 1)/2, and e − e·(e/(1+e)) where e is small
// and that rounds less.
func (m *machine) tanh(x vec) vec {
	a := m.atMost(m.abs(x), m.constant(m.tanhHigh))
	r, n, _ := m.reduce(m.add(a, a))
	half := m.ldexp(m.constant(0.5), n)
	e := m.fma(half, m.expm1Near(r), m.sub(half, m.operand(0.5)))
	y := m.div(e, m.add(e, m.operand(1)))
	y = m.choose(m.compare(e, less, m.operand(0.5)), m.decrease(m.copy(e), e, y), y)
	return m.or(y, m.sign(x))
}

// halves are what sigmoid and its relatives are made of: e^−|x| as a whole and
// in parts, 1 + e^−|x|, and where x < 0.
type halves struct {
	power
	z, under vec
	negative cond
}

func (m *machine) halves(x vec) halves {
	e := m.expParts(m.minusAbs(x), nil)
	z := m.small(e)
	return halves{e, z, m.add(z, m.operand(1)), m.compare(x, less, m.operand(0))}
}

// sigmoid is w/(w + w₀·e^−r) for x = n·ln 2 + r and w = w₀·2^n. w₀, a power of
// 2 that is inside the coefficients already, keeps w a normal number where the
// quotient is not, so that it is rounded once. The large parts of the sum are added
// first, and what that loses of w goes with the small ones.
func (m *machine) sigmoid(x vec) vec {
	x = m.atMost(m.atLeast(x, m.constant(m.vanish())), m.constant(2*m.tanhHigh))
	first := 1 << (m.bits - m.mantissa - 3) // w₀ = 2^first
	// Counted from the exponent of w₀, n is the exponent of w.
	r, _, shifted := m.reduceFrom(x, m.round()+float64(int(m.one>>m.mantissa)+first))
	w := m.shiftLeft(shifted, m.mantissa)
	slope := make([]float64, 0, len(m.element.exp)+1)
	for i, c := range append([]float64{1}, m.element.exp...) {
		slope = append(slope, math.Ldexp(c, first)*float64(i%2*2-1)) // of e^−r
	}
	p := m.horner(r, slope)
	var sum vec
	m.atOnce(func() { // with as few registers as can be
		large := m.add(w, m.operand(math.Ldexp(1, first)))
		lost := m.sub(w, m.sub(large, m.operand(math.Ldexp(1, first))))
		sum = m.add(large, m.accumulate(lost, r, p))
	})
	return m.div(w, sum)
}

func (m *machine) softplus(x vec) vec {
	z := m.small(m.expParts(m.minusAbs(x), nil))
	// 1 + z above √2 is halved, exactly, to come near 1.
	far := m.compare(z, greater, m.operand(math.Sqrt2-1))
	f := m.choose(far, m.mul(m.sub(z, m.operand(1)), m.operand(0.5)), z)
	y := m.logNear(f, m.keep(far, m.constant(1)))
	return m.add(y, m.atLeast(x, m.constant(0)))
}

// timesSigmoid returns x·sigmoid(u), where x < 0 as p·x/(1+z)·2^n, so that it
// keeps its accuracy where the sigmoid is subnormal. x is at least low there.
func (m *machine) timesSigmoid(x, u vec, low float64) vec {
	h := m.halves(u)
	x = m.atLeast(x, m.constant(low))
	y := m.div(m.mul(x, m.choose(h.negative, h.p, m.constant(1))), h.under)
	return m.ldexp(y, m.keep(h.negative, h.n))
}

func (m *machine) silu(x vec) vec { return m.timesSigmoid(x, x, m.vanish()) }

// slopeOfProduct returns s·(1 + (1−s)·w) for s = sigmoid(u).
func (m *machine) slopeOfProduct(u, w vec) vec {
	h := m.halves(u)
	big := m.div(m.constant(1), h.under)
	small := m.mul(h.z, big)
	s, c := m.choose(h.negative, small, big), m.choose(h.negative, big, small)
	return m.mul(s, m.fma(c, w, m.constant(1)))
}

// within returns x held back to [−limit, limit].
func (m *machine) within(x vec, limit float64) vec {
	return m.atMost(m.atLeast(x, m.constant(-limit)), m.constant(limit))
}

func (m *machine) siluSlope(x vec) vec {
	x = m.within(x, -m.vanish())
	return m.slopeOfProduct(x, x)
}

const (
	geluFar   = 40
	geluCubic = 0.044715
)

var geluGain = 2 * math.Sqrt(2/math.Pi)

func (m *machine) geluTanh(x vec) vec {
	near := m.within(x, geluFar)
	inner := m.fma(m.mul(near, near), m.operand(geluGain*geluCubic), m.constant(geluGain))
	return m.timesSigmoid(x, m.mul(near, inner), -geluFar)
}

func (m *machine) geluTanhSlope(x vec) vec {
	x = m.within(x, geluFar)
	square := m.mul(x, x)
	u := m.mul(x, m.fma(square, m.operand(geluGain*geluCubic), m.constant(geluGain)))
	slope := m.fma(square, m.operand(3*geluGain*geluCubic), m.constant(geluGain))
	return m.slopeOfProduct(u, m.mul(x, slope))
}

// tail returns Φ(−|x|) in parts: a quotient and a power to be multiplied. The
// square of x is taken in two parts, since its rounding error would become a
// relative one.
func (m *machine) tail(x vec) (quotient vec, e power) {
	t := m.atMost(m.abs(x), m.constant(m.tailHigh))
	half := m.mul(t, m.operand(-0.5))
	h, low := m.mul(t, half), m.copy(t)
	m.do(m.fms213, h, half, low) // t·half − h
	return m.div(m.horner(t, m.tailP), m.horner(t, m.tailQ)), m.expParts(h, &low)
}

func (m *machine) gelu(x vec) vec {
	quotient, e := m.tail(x)
	q := m.mul(quotient, e.p)
	negative := m.compare(x, less, m.operand(0))
	held := m.atLeast(x, m.constant(-m.tailHigh))
	w := m.ldexp(m.choose(negative, m.mul(held, q), q), e.n)
	return m.choose(negative, w, m.mul(x, m.sub(m.constant(1), w)))
}

func (m *machine) geluSlope(x vec) vec {
	x = m.within(x, m.tailHigh)
	quotient, e := m.tail(x)
	z := m.ldexp(e.p, e.n)
	tail := m.mul(quotient, z)
	cdf := m.choose(m.compare(x, less, m.operand(0)), tail, m.sub(m.constant(1), tail))
	return m.fma(m.mul(x, m.operand(1/math.Sqrt(2*math.Pi))), z, cdf)
}
