package tensor

import "github.com/gradus-ml/gradus/internal/simd"

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

// fillPlanes computes the planes of the channels of image for outRows rows of
// the result from first on. It may write simd.Slack elements too many.
func fillPlanes[F Float](dst, image []F, p *convPlanes, first, outRows int) {
	rows := outRows + p.halo
	for at := 0; at < len(image); at += p.imageH * p.imageW {
		for down := range p.strideH {
			above, below, row := inside(first*p.strideH+down+p.offsetH, p.strideH, p.imageH, rows)
			for across := range p.strideW {
				lo, hi, col := inside(across+p.offsetW, p.strideW, p.imageW, p.cols)
				clear(dst[:above*p.cols])
				from, to := image[at+row*p.imageW+col:], dst[above*p.cols:]
				if p.strideW == 1 {
					simd.PadRows(to, p.cols, lo, hi-lo, from, p.strideH*p.imageW, below-above)
				} else {
					for r := range below - above {
						line := to[r*p.cols : (r+1)*p.cols]
						clear(line[:lo])
						clear(line[hi:])
						for j := range hi - lo {
							line[lo+j] = from[r*p.strideH*p.imageW+j*p.strideW]
						}
					}
				}
				clear(dst[below*p.cols : rows*p.cols])
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
			above, below, row := inside(down+p.offsetH, p.strideH, p.imageH, p.rows)
			for across := range p.strideW {
				lo, hi, col := inside(across+p.offsetW, p.strideW, p.imageW, p.cols)
				for r := range below - above {
					to := image[at+(row+r*p.strideH)*p.imageW:]
					for j, v := range src[(above+r)*p.cols+lo : (above+r)*p.cols+hi] {
						to[col+j*p.strideW] += v
					}
				}
				src = src[p.rows*p.cols:]
			}
		}
	}
}

// inside returns which of n places, the first at offset and the others stride
// apart, lie in [0, size), and the first of these.
func inside(offset, stride, size, n int) (lo, hi, at int) {
	if offset < 0 {
		lo = min(n, (-offset+stride-1)/stride)
	}
	if room := size - offset; room > 0 {
		hi = min(n, (room+stride-1)/stride)
	}
	if lo >= hi {
		return 0, 0, 0
	}
	return lo, hi, offset + lo*stride
}
