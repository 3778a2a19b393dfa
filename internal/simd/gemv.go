package simd

// Dots computes the product of a matrix stored by rows, ld apart, and a vector:
//
//	dst[j] = Σ x[p]·m[j·ld+p], p in [0, len(x))
//
// Vector levels keep several sums for each element, as many as the vectors have
// lanes, and add them at the end. It panics if m is too short.
func Dots[F Float](dst, x, m []F, ld int) {
	if len(dst) == 0 {
		return
	}
	_ = m[:(len(dst)-1)*ld+len(x)]
	rows, steps := dotsVectors(dst, x, m, ld)
	for j := range dst {
		var sum F
		from := 0
		if j < rows {
			sum, from = dst[j], steps
		}
		for p, v := range m[j*ld+from : j*ld+len(x)] {
			sum += x[from+p] * v
		}
		dst[j] = sum
	}
}

// Combine computes the product of a matrix stored by columns, ld apart, and a
// vector, which is a combination of the columns:
//
//	dst[j] = Σ x[p]·m[p·ld+j], p ascending in [0, len(x))
//
// It panics if m is too short.
func Combine[F Float](dst, x, m []F, ld int) {
	if len(dst) == 0 || len(x) == 0 {
		clear(dst)
		return
	}
	_ = m[:(len(x)-1)*ld+len(dst)]
	done := combineVectors(dst, x, m, ld)
	rest := dst[done:]
	clear(rest)
	for p, s := range x {
		for j, v := range m[p*ld+done : p*ld+len(dst)] {
			rest[j] += s * v
		}
	}
}
