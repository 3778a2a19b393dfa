package simd

import "math"

// fma returns x·y + z with one rounding. For float32 the product is exact in
// float64 and the sum is rounded to odd there, so that rounding it once more
// cannot change it.
func fma[F Float](x, y, z F) F {
	if _, ok := any(x).(float64); ok {
		return F(math.FMA(float64(x), float64(y), float64(z)))
	}
	p := float64(x) * float64(y)
	s := p + float64(z)
	// The exact error of s, by Knuth's two-sum.
	t := s - p
	err := (p - (s - t)) + (float64(z) - t)
	if bits := math.Float64bits(s); err != 0 && bits&1 == 0 && !math.IsInf(s, 0) && err == err {
		// Rounded to even: the odd neighbour is on the side of the error.
		if (err > 0) == (s > 0) {
			bits++
		} else {
			bits--
		}
		s = math.Float64frombits(bits)
	}
	return F(s)
}
