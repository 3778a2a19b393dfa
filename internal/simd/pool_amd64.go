package simd

import "unsafe"

// maxOfFourVectors does rows of windows in vectors, and returns how many it
// did: all, or none where there is no kernel.
func maxOfFourVectors[F Float](y []F, index []int32, x []F, width, rows, cols int) int {
	if y, ok := any(y).([]float32); ok && active > Portable {
		maxOfFourF32AVX2(&y[0], unsafe.SliceData(index), &any(x).([]float32)[0], cols, width, rows)
		return rows
	}
	return 0
}

// maxOfFourPullVectors is the like for the pullback.
func maxOfFourPullVectors[F Float](dx, dy []F, index []int32, width, rows, cols int) int {
	if dx, ok := any(dx).([]float32); ok && active > Portable {
		maxOfFourPullF32AVX2(&dx[0], &any(dy).([]float32)[0], &index[0], cols, width, rows)
		return rows
	}
	return 0
}
