package simd

import "unsafe"

// vectorLanes is how many elements of F a vector has at the active level.
func vectorLanes[F Float]() int {
	return 16 << active / int(unsafe.Sizeof(F(0)))
}

// dotsVectors computes what it can of the sums in whole vectors, and returns
// of how many elements and over how many steps.
func dotsVectors[F Float](dst, x, m []F, ld int) (rows, steps int) {
	if active == Portable {
		return 0, 0
	}
	rows, steps = len(dst)&^3, len(x)&^(2*vectorLanes[F]()-1)
	if rows == 0 || steps == 0 {
		return 0, 0
	}
	switch dst := any(dst).(type) {
	case []float32:
		kernel := dotsF32AVX2
		if active == AVX512 {
			kernel = dotsF32AVX512
		}
		kernel(&dst[0], &any(x).([]float32)[0], &any(m).([]float32)[0], ld, steps, rows)
	case []float64:
		kernel := dotsF64AVX2
		if active == AVX512 {
			kernel = dotsF64AVX512
		}
		kernel(&dst[0], &any(x).([]float64)[0], &any(m).([]float64)[0], ld, steps, rows)
	}
	return rows, steps
}

// combineVectors computes as many elements as fill whole vectors, and returns
// how many.
func combineVectors[F Float](dst, x, m []F, ld int) int {
	if active == Portable {
		return 0
	}
	cols := len(dst) &^ (vectorLanes[F]() - 1)
	if cols == 0 {
		return 0
	}
	switch dst := any(dst).(type) {
	case []float32:
		kernel := combineF32AVX2
		if active == AVX512 {
			kernel = combineF32AVX512
		}
		kernel(&dst[0], &any(x).([]float32)[0], &any(m).([]float32)[0], ld, len(x), cols)
	case []float64:
		kernel := combineF64AVX2
		if active == AVX512 {
			kernel = combineF64AVX512
		}
		kernel(&dst[0], &any(x).([]float64)[0], &any(m).([]float64)[0], ld, len(x), cols)
	}
	return cols
}
