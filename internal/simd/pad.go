package simd

// PadRows copies rows of an image between zeros:
//
//	dst[r·cols + j] = src[r·srcCols + j − left] where left ≤ j < left + count, else 0
//
// for r in [0, rows), j in [0, cols). The Slack elements of dst that follow may
// hold anything afterwards. It panics if a slice is too short.
func PadRows[F Float](dst []F, cols, left, count int, src []F, srcCols, rows int) {
	if rows <= 0 {
		return
	}
	_ = dst[:rows*cols+Slack]
	_ = src[:(rows-1)*srcCols+count]
	fast := 0
	if active > Portable && count > 0 {
		// Rows that may be read a vector too far.
		fast = min(rows, max(0, (len(src)-count-Slack)/srcCols))
		if fast > 0 {
			padVectors(dst, cols, left, count, src, srcCols, fast)
		}
	}
	padPortable(dst[fast*cols:], cols, left, count, src[fast*srcCols:], srcCols, rows-fast)
}

func padPortable[F Float](dst []F, cols, left, count int, src []F, srcCols, rows int) {
	for r := range rows {
		line := dst[r*cols : (r+1)*cols]
		clear(line[:left])
		copy(line[left:left+count], src[r*srcCols:])
		clear(line[left+count:])
	}
}
