package tensor

// convPlanes is how the taps of a convolution read an image: filled up with zeros
// on all sides, and each channel split by the remainders of rows and columns
// by the strides, so that what one tap reads for one row of the result is
// contiguous.
type convPlanes struct {
	imageH, imageW   int
	strideH, strideW int
	offsetH, offsetW int   // row and column of the image that planes begin with
	rows, cols       int   // of a plane
	halo             int   // rows of a plane beyond those of the result
	starts           []int // for each channel and tap, where it reads for row 0, column 0 of the result
}

// shape sets the planes for outRows rows of a result outCols wide.
func (p *convPlanes) shape(g *ConvGeometry, channels, outRows, outCols int) {
	extentH, extentW := (g.KernelH-1)*g.DilationH, (g.KernelW-1)*g.DilationW
	p.imageH, p.imageW = g.Height, g.Width
	p.strideH, p.strideW = g.StrideH, g.StrideW
	p.offsetH, p.offsetW = -g.PadH, -g.PadW
	p.halo = extentH / g.StrideH
	p.rows, p.cols = outRows+p.halo, outCols+extentW/g.StrideW
	p.starts = p.starts[:0]
	for c := range channels {
		for u := range g.KernelH {
			for v := range g.KernelW {
				down, across := u*g.DilationH, v*g.DilationW
				plane := (c*g.StrideH+down%g.StrideH)*g.StrideW + across%g.StrideW
				p.starts = append(p.starts, (plane*p.rows+down/g.StrideH)*p.cols+across/g.StrideW)
			}
		}
	}
}

// size is the number of elements of the planes of one channel.
func (p *convPlanes) size() int { return p.strideH * p.strideW * p.rows * p.cols }

// fillPlanes computes the planes of the channels of image for rows of the
// result from first on.
func fillPlanes[F Float](dst, image []F, p *convPlanes, first, outRows int) {
	for at := 0; at < len(image); at += p.imageH * p.imageW {
		for down := range p.strideH {
			for across := range p.strideW {
				lo, hi, col := p.inside(across)
				for r := range outRows + p.halo {
					line := dst[r*p.cols : (r+1)*p.cols]
					row := (first+r)*p.strideH + down + p.offsetH
					if row < 0 || row >= p.imageH {
						clear(line)
						continue
					}
					clear(line[:lo])
					clear(line[hi:])
					from := image[at+row*p.imageW : at+(row+1)*p.imageW]
					if p.strideW == 1 {
						copy(line[lo:hi], from[col:])
						continue
					}
					for j := lo; j < hi; j++ {
						line[j] = from[col+(j-lo)*p.strideW]
					}
				}
				dst = dst[p.rows*p.cols:]
			}
		}
	}
}

// drainPlanes adds planes that hold all rows to the image: the adjoint of
// fillPlanes.
func drainPlanes[F Float](image, src []F, p *convPlanes) {
	for at := 0; at < len(image); at += p.imageH * p.imageW {
		for down := range p.strideH {
			for across := range p.strideW {
				lo, hi, col := p.inside(across)
				for r := range p.rows {
					row := r*p.strideH + down + p.offsetH
					if row < 0 || row >= p.imageH {
						continue
					}
					to := image[at+row*p.imageW : at+(row+1)*p.imageW]
					for j, v := range src[r*p.cols+lo : r*p.cols+hi] {
						to[col+j*p.strideW] += v
					}
				}
				src = src[p.rows*p.cols:]
			}
		}
	}
}

// inside returns which columns [lo, hi) of a plane lie inside the image, and
// the column of the image that the first of them is.
func (p *convPlanes) inside(across int) (lo, hi, col int) {
	first := across + p.offsetW
	if first < 0 {
		lo = min(p.cols, (-first+p.strideW-1)/p.strideW)
	}
	if room := p.imageW - first; room > 0 {
		hi = min(p.cols, (room+p.strideW-1)/p.strideW)
	}
	if lo >= hi {
		return 0, 0, 0
	}
	return lo, hi, first + lo*p.strideW
}
