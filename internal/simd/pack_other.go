//go:build !amd64

package simd

// The vector levels do not exist here, and their packing is never called.

func transposeLanes[F Float](dst []F, width int, src []F, starts *[4]int, rows, rowStride, rowSteps int) {
	panic("simd: no vector level")
}

func transposeEights[F Float](dst []F, width int, src []F, stride, lanes, steps int) {
	panic("simd: no vector level")
}

func copyRuns[F Float](dst []F, width int, src []F, starts []int, runs []Run) {
	panic("simd: no vector level")
}

func padVectors[F Float](dst []F, cols, left, count int, src []F, srcCols, rows int) {
	panic("simd: no vector level")
}

func copyPanel[F Float](dst []F, width int, src []F, stride, steps int) {
	panic("simd: no vector level")
}

func copyFourPanels[F Float](dst []F, panel int, src []F, stride, steps int) {
	panic("simd: no vector level")
}
