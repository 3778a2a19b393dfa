package simd

// Pack lays out an operand of [MulPacked]: rows of a or columns of b, called
// lanes here, in panels of width lanes, one step after the other:
//
//	dst[(l/width·steps + p)·width + l%width] = src[l·laneStride + p·stepStride]
//
// for l in [0, lanes), p in [0, steps). The lanes that fill the last panel up
// are zeros. One of the strides must be 1, and width a multiple of 4. It panics
// if a slice is too short.
func Pack[F Float](dst []F, width int, src []F, laneStride, stepStride, lanes, steps int) {
	if lanes <= 0 || steps <= 0 {
		return
	}
	_ = src[(lanes-1)*laneStride+(steps-1)*stepStride]
	for l := 0; l < lanes; l += width {
		n := min(width, lanes-l)
		panel := dst[l*steps : (l+width)*steps]
		if n < width {
			clear(panel)
		}
		if laneStride == 1 {
			if n == width && active > Portable {
				copyPanel(panel, width, src[l:], stepStride, steps)
				continue
			}
			for p := range steps {
				copy(panel[p*width:p*width+n], src[l+p*stepStride:])
			}
			continue
		}
		for q := 0; q < n; q += 4 {
			packLanes(panel[q:], width, src[(l+q)*laneStride:], laneStride, min(4, n-q), steps)
		}
	}
}

// packLanes packs up to four lanes whose steps are contiguous.
func packLanes[F Float](dst []F, width int, src []F, ld, lanes, steps int) {
	done := 0
	if whole := steps &^ (turned - 1); active > Portable && lanes == 4 && whole > 0 {
		transposeLanes(dst, width, src, &[4]int{0, ld, 2 * ld, 3 * ld}, 1, 0, whole)
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
