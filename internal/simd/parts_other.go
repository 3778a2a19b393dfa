//go:build !amd64

package simd

func splitBlock(dst []uint16, x []float32, stride int, steps, columns bool) {
	splitBlockPortable(dst, x, stride, steps, columns)
}

func mulParts(c []float32, ldc, rows, cols, steps int, a, b []uint16, ends Ends[float32]) {
	mulPartsPortable(c, ldc, rows, cols, steps, a, b, ends)
}
