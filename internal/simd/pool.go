package simd

//go:generate go -C gen run ./pool

// MaxOfFour computes the maxima of windows of 2×2 that lie side by side in a
// plane of the given width:
//
//	y[r·cols+c] = the largest of x[at], x[at+1], x[at+width], x[at+width+1], at = 2·r·width + 2·c
//
// for r in [0, rows), c in [0, cols), and its place in x in index, unless that
// is nil. The first of equals wins, NaN over all numbers. What follows in y and
// index may hold anything afterwards: the more follows in all three, the fewer
// windows are done one by one. It runs on the caller, and panics if a slice is
// too short or 2·cols above width.
func MaxOfFour[F Float](y []F, index []int32, x []F, width, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	checkFour("simd.MaxOfFour", width, cols)
	_, _ = y[:rows*cols], x[:2*rows*width]
	room := len(y)
	if index != nil {
		_ = index[:rows*cols]
		room = min(room, len(index))
	}
	fast := fourRows(room, len(x), width, rows, cols)
	if fast > 0 {
		fast = maxOfFourVectors(y, index, x, width, fast, cols)
	}
	for i := fast * cols; i < rows*cols; i++ {
		at := 2 * (i/cols*width + i%cols)
		place := larger(x, larger(x, at, at+1), larger(x, at+width, at+width+1))
		y[i] = x[place]
		if index != nil {
			index[i] = int32(place)
		}
	}
}

// MaxOfFourPull is the pullback of [MaxOfFour] where the windows cover the
// plane: width is 2·cols. Elements of dx at an index get their dy, the others 0.
// What follows in dx may hold anything afterwards.
func MaxOfFourPull[F Float](dx, dy []F, index []int32, rows, cols int) {
	if rows <= 0 || cols <= 0 {
		return
	}
	width := 2 * cols
	_, _, _ = dx[:2*rows*width], dy[:rows*cols], index[:rows*cols]
	fast := fourRows(min(len(dy), len(index)), len(dx), width, rows, cols)
	if fast > 0 {
		fast = maxOfFourPullVectors(dx, dy, index, width, fast, cols)
	}
	clear(dx[2*fast*width : 2*rows*width])
	for i := fast * cols; i < rows*cols; i++ {
		dx[index[i]] = dy[i]
	}
}

func checkFour(op string, width, cols int) {
	if 2*cols > width {
		panic(lengths(op, width, 2*cols))
	}
}

// fourRows is how many rows of windows may be done with columns rounded up to
// whole vectors: those that stay inside the outputs and inputs there are.
func fourRows(outputs, inputs, width, rows, cols int) int {
	most := roundUp(cols, 8)
	if outputs < most || inputs < width+2*most {
		return 0
	}
	return min(rows, 1+(outputs-most)/cols, 1+(inputs-width-2*most)/(2*width))
}

// larger returns where x is larger, a where they are equal; NaN wins. It has no
// branch, since which is larger cannot be predicted.
func larger[F Float](x []F, a, b int) int {
	above, nan := 0, 0
	if x[b] > x[a] {
		above = 1
	}
	if x[b] != x[b] {
		nan = 1
	}
	return a + (b-a)*(above|nan)
}
