package simd

import "unsafe"

//go:generate go -C gen run ./split

func splitBlock(dst []uint16, x []float32, stride int, steps, columns bool) {
	_, _ = dst[partBlock-1], x[(PartSide-1)*stride+PartSide-1]
	if active < AVX512 {
		splitBlockPortable(dst, x, stride, steps, columns)
		return
	}
	if steps {
		splitStepsAVX512(&dst[0], &x[0], stride, partScale)
	} else {
		splitLanesAVX512(&dst[0], &x[0], stride, partScale)
	}
	if steps != columns {
		transposeTilesAVX512(&dst[0])
	}
}

// mulParts multiplies rows with one panel of columns.
func mulParts(c []float32, ldc, rows, cols, steps int, a, b []uint16, ends Ends[float32]) {
	if !MultipliesParts() || steps == 0 {
		mulPartsPortable(c, ldc, rows, cols, steps, a, b, ends)
		return
	}
	columns, floor := ends.arguments(zeros32[:])
	var room [2*partTile + 16]float32
	sums := room[-address(room[:])&63/4:]
	mulPartsAMX(&c[0], ldc, &a[0], &b[0], PartsSize(PartSide, steps)/partBlock, rows, cols, partUnscale, columns, index(ends.Add), floor, unsafe.SliceData(ends.Addend), unsafe.SliceData(ends.Scales), &sums[0])
}
