package simd

import "unsafe"

// copyPanel packs a whole panel of lanes that lie one after the other.
func copyPanel[F Float](dst []F, width int, src []F, stride, steps int) {
	size := int(unsafe.Sizeof(F(0)))
	copyLanes((*byte)(unsafe.Pointer(&dst[0])), width*size, (*byte)(unsafe.Pointer(&src[0])), stride*size, steps)
}

// copyFourPanels packs four panels of 16 bytes whose lanes lie one after the
// other: a multiple of four steps. Panels start so many elements apart.
func copyFourPanels[F Float](dst []F, panel int, src []F, stride, steps int) {
	size := int(unsafe.Sizeof(F(0)))
	copyLines((*byte)(unsafe.Pointer(&dst[0])), panel*size, (*byte)(unsafe.Pointer(&src[0])), stride*size, steps)
}

// transposeLanes packs four lanes that start at offsets of src: rows of steps,
// each rounded up to a multiple of what is transposed at a time.
func transposeLanes[F Float](dst []F, width int, src []F, starts *[4]int, rows, rowStride, rowSteps int) {
	switch dst := any(dst).(type) {
	case []float32:
		transposeF32(&dst[0], width, &any(src).([]float32)[0], &starts[0], rows, rowStride, rowSteps)
	case []float64:
		transposeF64(&dst[0], width, &any(src).([]float64)[0], &starts[0], rows, rowStride, rowSteps)
	}
}

// transposeEights packs 8 or 24 lanes of float32 that start stride apart: a
// multiple of turned steps.
func transposeEights[F Float](dst []F, width int, src []F, stride, lanes, steps int) {
	to, from := &any(dst).([]float32)[0], &any(src).([]float32)[0]
	if lanes == 8 {
		transpose8(to, width, from, stride, steps)
		return
	}
	transpose24(to, width, from, stride, steps)
}

// copyRuns packs the places of a panel, moving runs of full length. It trusts
// its arguments.
func copyRuns[F Float](dst []F, width int, src []F, starts []int, runs []Run) {
	switch dst := any(dst).(type) {
	case []float32:
		copyRunsF32(&dst[0], width, &any(src).([]float32)[0], &starts[0], len(starts), &runs[0].Lane, len(runs))
	case []float64:
		copyRunsF64(&dst[0], width, &any(src).([]float64)[0], &starts[0], len(starts), &runs[0].Lane, len(runs))
	}
}

// padVectors pads rows in whole vectors.
func padVectors[F Float](dst []F, cols, left, count int, src []F, srcCols, rows int) {
	switch dst := any(dst).(type) {
	case []float32:
		padRowsF32(&dst[0], cols, left, count, &any(src).([]float32)[0], srcCols, rows)
	case []float64:
		padRowsF64(&dst[0], cols, left, count, &any(src).([]float64)[0], srcCols, rows)
	}
}
