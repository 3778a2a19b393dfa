package simd

import "unsafe"

// Slack is how many elements beyond the end of what they need [PackPlaces] and
// [PackTaps] may read of src, and, in units of panel widths, write of dst.
const Slack = 16

// Run is a stretch of lanes that lie one after the other in memory: lanes from
// Lane on, at offsets from From on.
type Run struct{ Lane, From, Count int }

// RunLength is the longest Count of a [Run] of F.
func RunLength[F Float]() int { return 64 / int(unsafe.Sizeof(F(0))) }

// PackPlaces packs one panel of the columns of b in a convolution, which are
// places of an image; steps are the taps that read it, at offsets starts:
//
//	dst[p·width + r.Lane + i] = src[starts[p] + r.From + i]
//
// for p in [0, len(starts)), r in runs, i in [0, r.Count). Runs are in order of
// their lanes. The lanes of no run hold anything afterwards, and so may the
// elements of dst before len(starts)·width + Slack. It panics if a slice is too
// short for that, or a read is.
func PackPlaces[F Float](dst []F, width int, src []F, starts []int, runs []Run) {
	if len(starts) == 0 || len(runs) == 0 {
		return
	}
	_ = dst[:len(starts)*width+Slack]
	if active == Portable {
		packPlacesPortable(dst, width, src, starts, runs)
		return
	}
	copyRuns(dst, width, src, starts, runs)
}

func packPlacesPortable[F Float](dst []F, width int, src []F, starts []int, runs []Run) {
	for p, start := range starts {
		for _, r := range runs {
			copy(dst[p*width+r.Lane:][:r.Count], src[start+r.From:])
		}
	}
}

// PackTaps packs the columns of b in the gradient of the weights of a
// convolution, which are taps that read at offsets starts; steps are places,
// rows of an image after each other:
//
//	dst[(l/width·steps + r·rowSteps + p)·width + l%width] = src[starts[l] + r·rowStride + p]
//
// for l in [0, len(starts)), r in [0, rows), p in [0, rowSteps), where steps is
// rows·rowSteps. The lanes that fill the last panel up hold anything, and so
// may Slack·width elements after it. It panics if dst is too short for that, or
// src for a read and Slack.
func PackTaps[F Float](dst []F, width int, src []F, starts []int, rows, rowStride, rowSteps int) {
	if rows <= 0 || rowSteps <= 0 {
		return
	}
	steps := rows * rowSteps
	for l := 0; l < len(starts); l += width {
		panel := dst[l*steps : (l+width)*steps+Slack*width]
		lanes := starts[l:min(l+width, len(starts))]
		for q := 0; q < len(lanes); q += 4 {
			if active > Portable && q+4 <= len(lanes) {
				four := [4]int(lanes[q:])
				_ = src[:max(four[0], four[1], four[2], four[3])+(rows-1)*rowStride+rowSteps+Slack]
				transposeLanes(panel[q:], width, src, &four, rows, rowStride, rowSteps)
				continue
			}
			packTapsPortable(panel[q:], width, src, lanes[q:min(q+4, len(lanes))], rows, rowStride, rowSteps)
		}
	}
}

func packTapsPortable[F Float](dst []F, width int, src []F, lanes []int, rows, rowStride, rowSteps int) {
	for q, start := range lanes {
		at := q
		for r := range rows {
			for _, v := range src[start+r*rowStride:][:rowSteps] {
				dst[at] = v
				at += width
			}
		}
	}
}
