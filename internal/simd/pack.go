package simd

import "unsafe"

// Pack lays out steps of an operand of [MulPacked]: rows of a or columns of b,
// called lanes here, in panels of width lanes and depth steps, one step after
// the other:
//
//	dst[(l/width·depth + p)·width + l%width] = src[l·laneStride + p·stepStride]
//
// for l in [0, lanes), p in [0, steps). The lanes that fill the last panel up
// are zeros, in these steps. One of the strides must be 1, and width a multiple
// of 4. It panics if a slice is too short, or depth less than steps.
func Pack[F Float](dst []F, width, depth int, src []F, laneStride, stepStride, lanes, steps int) {
	if lanes <= 0 || steps <= 0 {
		return
	}
	_ = src[(lanes-1)*laneStride+(steps-1)*stepStride]
	_ = dst[:(roundUp(lanes, width)-width)*depth+width*steps]
	if depth < steps {
		panic(lengths("simd.Pack", depth, steps))
	}
	// A few steps of all panels, then the next: rows of steps are read from
	// beginning to end, and lanes are turned while they are in the first cache.
	chunk := packedSteps
	if laneStride != 1 {
		chunk = max(1, turnedSize/width)
	} else if lanes <= width {
		chunk = steps
	}
	lines := laneStride == 1 && width*int(unsafe.Sizeof(F(0))) == 16 && active > Portable
	for p := 0; p < steps; p += chunk {
		n := min(chunk, steps-p)
		l := 0
		if lines && n%4 == 0 {
			for ; l+4*width <= lanes; l += 4 * width {
				copyFourPanels(dst[l*depth+p*width:], depth*width, src[l+p*stepStride:], stepStride, n)
			}
		}
		for ; l < lanes; l += width {
			packPanel(dst[l*depth+p*width:][:n*width], width, src[l*laneStride+p*stepStride:], laneStride, stepStride, min(width, lanes-l), n)
		}
	}
}

// How much is packed of one panel before the next.
const (
	packedSteps = 48      // where lanes lie one after the other
	turnedSize  = 6 << 10 // elements, where steps do
)

// packPanel packs steps of one panel.
func packPanel[F Float](panel []F, width int, src []F, laneStride, stepStride, lanes, steps int) {
	if lanes == width && laneStride == 1 && active > Portable {
		copyPanel(panel, width, src, stepStride, steps)
		return
	}
	if lanes < width {
		clear(panel)
	}
	if laneStride == 1 {
		for p := range steps {
			copy(panel[p*width:p*width+lanes], src[p*stepStride:])
		}
		return
	}
	for q := 0; q < lanes; {
		n := min(4, lanes-q)
		if single := unsafe.Sizeof(F(0)) == 4; single && lanes-q >= 24 {
			n = 24 // a panel of as many is written from beginning to end
		} else if single && lanes-q >= 8 {
			n = 8
		}
		packLanes(panel[q:], width, src[q*laneStride:], laneStride, n, steps)
		q += n
	}
}

// packLanes packs up to four lanes whose steps are contiguous, or 8 or 24 of
// float32.
func packLanes[F Float](dst []F, width int, src []F, ld, lanes, steps int) {
	done := 0
	if whole := steps &^ (turned - 1); active > Portable && lanes >= 4 && whole > 0 {
		if lanes > 4 {
			transposeEights(dst, width, src, ld, lanes, whole)
		} else {
			transposeLanes(dst, width, src, &[4]int{0, ld, 2 * ld, 3 * ld}, 1, 0, whole)
		}
		done = whole
	}
	for q := range lanes {
		lane := src[q*ld : q*ld+steps]
		for p := done; p < steps; p++ {
			dst[p*width+q] = lane[p]
		}
	}
}

// turned is a number of steps that is a multiple of what vector levels
// transpose at a time.
const turned = 8
