package simd

import (
	"slices"
	"unsafe"
)

// Slack is how many elements beyond the end of what they need [PackPlaces] and
// [PackTaps] may read of src, and, in units of panel widths, write of dst.
const Slack = 16

// Run is a stretch of lanes that lie one after the other in memory: lanes from
// Lane on, at offsets from From on.
type Run struct{ Lane, From, Count int }

// RunLength is the longest Count of a [Run] of F.
func RunLength[F Float]() int { return 64 / int(unsafe.Sizeof(F(0))) }

// PackPlaces packs the columns of b in a convolution, which are places of an
// image; steps are the taps that read it, at offsets starts. Panel j has the
// runs from ends[j−1] to ends[j], or from the first:
//
//	dst[(j·len(starts)+p)·width + r.Lane + i] = src[starts[p] + r.From + i]
//
// for p in [0, len(starts)), r in those runs, i in [0, r.Count). The runs of a
// panel are in order of their lanes. The lanes of no run hold anything
// afterwards, and so may Slack elements of dst after the last panel. It panics
// if a slice is too short for that, or a read is.
func PackPlaces[F Float](dst []F, width int, src []F, starts []int, runs []Run, ends []int) {
	if len(starts) == 0 || len(ends) == 0 {
		return
	}
	size := len(starts) * width
	_ = dst[:len(ends)*size+Slack]
	last := 0
	for _, r := range runs[:ends[len(ends)-1]] {
		last = max(last, r.From+Slack)
	}
	_ = src[slices.Min(starts) : slices.Max(starts)+last]
	first := 0
	for j, end := range ends {
		if panel := runs[first:end]; active == Portable {
			packPlacesPortable(dst[j*size:], width, src, starts, panel)
		} else if len(panel) > 0 {
			copyRuns(dst[j*size:], width, src, starts, panel)
		}
		first = end
	}
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
