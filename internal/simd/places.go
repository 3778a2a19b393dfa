package simd

// HasPlaces says whether the active level has a kernel for [MulPlaces], which
// is otherwise slow.
func HasPlaces() bool { return active == AVX512 }

// MulPlaces computes a block of a convolution from packed weights and an image
// as it is:
//
//	for i in [0, rows), r in runs, j in [0, r.Count):
//		sum := start[i] + Σ a(i, p)·src[starts[p]+r.From+j], p ascending in [0, len(starts))
//		c[i·ldc+r.Lane+j] = (c[i·ldc+r.Lane+j] if add, else 0) + sum
//
// a is packed as for [MulPacked], start has as many elements as its panels have
// rows, and no run is longer than [RunLength]. Nothing else of c is read or
// written. It panics if a slice is too short, src for a read and Slack.
func MulPlaces[F Float](c []F, ldc, rows int, a, src []F, starts []int, runs []Run, start []F, add bool) {
	if rows <= 0 || len(runs) == 0 {
		return
	}
	height := gemmTable[F]().rows
	_ = a[:roundUp(rows, height)*len(starts)]
	_ = start[:roundUp(rows, height)]
	first, last := 0, 0
	for _, s := range starts {
		first, last = min(first, s), max(last, s)
	}
	for _, r := range runs {
		_ = src[first+r.From : last+r.From+Slack]
		_ = c[(rows-1)*ldc+r.Lane : (rows-1)*ldc+r.Lane+r.Count]
	}
	if HasPlaces() {
		placesVectors(c, ldc, rows, a, src, starts, runs, start, add)
		return
	}
	for _, r := range runs {
		for i := range rows {
			row, from := c[i*ldc+r.Lane:][:r.Count], a[i/height*height*len(starts)+i%height*min(1, len(starts)):]
			for j := range row {
				var before F
				if add {
					before = row[j]
				}
				sum := start[i]
				for p, s := range starts {
					sum += from[p*height] * src[s+r.From+j]
				}
				row[j] = before + sum
			}
		}
	}
}
