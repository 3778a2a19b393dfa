package tensor

// patches says how the taps of a convolution read an image, channel by channel:
// place (i, j) of the result meets tap (u, v) at row
// i·strideH + offsetH + u·tapH and column j·strideW + offsetW + v·tapW, and
// reads 0 outside.
type patches struct {
	height, width    int // of the image
	outWidth         int
	kernelH, kernelW int
	strideH, strideW int
	offsetH, offsetW int
	tapH, tapW       int
}

// tap is one step of the sum over channels, rows and columns of a kernel.
type tap struct{ channel, u, v int }

// tapAt returns the tap of a step counted from the first channel on.
func (w *patches) tapAt(step int) tap {
	area := w.kernelH * w.kernelW
	return tap{step / area, step % area / w.kernelW, step % w.kernelW}
}

// next returns the tap after t.
func (w *patches) next(t tap) tap {
	if t.v++; t.v < w.kernelW {
		return t
	}
	t.v = 0
	if t.u++; t.u < w.kernelH {
		return t
	}
	t.u = 0
	t.channel++
	return t
}

// line locates where tap t meets row i of the result from column j to j+n: the
// columns [lo, hi) of these read inside the image, the first of them at offset
// from, the others strideW apart.
func (w *patches) line(t tap, i, j, n int) (lo, hi, from int) {
	row, col := i*w.strideH+w.offsetH+t.u*w.tapH, j*w.strideW+w.offsetW+t.v*w.tapW
	if row < 0 || row >= w.height {
		return n, n, 0
	}
	if col < 0 {
		lo = min(n, (-col+w.strideW-1)/w.strideW)
	}
	hi = n
	if past := col + (n-1)*w.strideW - w.width; past >= 0 {
		hi = n - 1 - past/w.strideW
	}
	if lo >= hi {
		return n, n, 0
	}
	return lo, hi, (t.channel*w.height+row)*w.width + col + lo*w.strideW
}

// gather computes what tap t reads at the places from first on, counted along
// rows of the result, into dst.
func gather[F Float](dst, image []F, w *patches, t tap, first int) {
	i, j := first/w.outWidth, first%w.outWidth
	for len(dst) > 0 {
		n := min(w.outWidth-j, len(dst))
		lo, hi, from := w.line(t, i, j, n)
		clear(dst[:lo])
		if w.strideW == 1 {
			copy(dst[lo:hi], image[from:])
		} else {
			for q := lo; q < hi; q++ {
				dst[q] = image[from]
				from += w.strideW
			}
		}
		clear(dst[hi:n])
		dst = dst[n:]
		i, j = i+1, 0
	}
}

// scatterAdd adds src to what tap t reads at the places from first on: the
// adjoint of gather.
func scatterAdd[F Float](image, src []F, w *patches, t tap, first int) {
	i, j := first/w.outWidth, first%w.outWidth
	for len(src) > 0 {
		n := min(w.outWidth-j, len(src))
		lo, hi, from := w.line(t, i, j, n)
		for _, v := range src[lo:hi] {
			image[from] += v
			from += w.strideW
		}
		src = src[n:]
		i, j = i+1, 0
	}
}

// pack packs what k taps from a step on read at n places, as a panel of that
// many columns filled up with zeros.
func packPlaces[F Float](panel, image []F, w *patches, step, k, first, n int) {
	t, width := w.tapAt(step), len(panel)/k
	for p := range k {
		row := panel[p*width : (p+1)*width]
		gather(row[:n], image, w, t, first)
		clear(row[n:])
		t = w.next(t)
	}
}
