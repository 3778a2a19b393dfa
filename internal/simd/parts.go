package simd

import "unsafe"

// Processors that multiply matrices of bfloat16 do so several times as fast as
// float32, and three bfloat16 hold a float32: the first is x to eight bits, the
// next what is left of x to eight bits, the last the rest. Of the nine products
// of parts of x·y six are added, from the small to the large; the others are at
// most 2⁻²⁴·|x·y| together, as much as the rounding of one product. The parts
// of each product are exact in float32, and a sum over k is rounded fewer times
// than one that takes one product after the other: from PartSide steps on the
// bound of its error is smaller.
//
// Source: Henry, Tang, Heinecke: Leveraging the bfloat16 artificial intelligence
// datatype for higher-precision computations (2019).

// PartSide is how many rows and columns of c, and steps of the sum, a block of
// parts serves.
const PartSide = 32

// partBlock is how many bfloat16 a block of PartSide lanes and steps takes.
const partBlock = 3 * partTile

// partTile is how many elements a tile of c has.
const partTile = PartSide * PartSide

// Parts are scaled by partScale, so that none is lost below what the processor
// takes for 0: sums by partUnscale, its inverse squared.
const partScale, partUnscale = 0x1p46, 0x1p-92

// MultipliesParts reports whether [MulParts] is faster than [MulPacked] here.
func MultipliesParts() bool { return chosen == AMX }

// PartsFit reports whether [MulParts] is as exact as [MulPacked] for these
// operands: they are finite, and no product of two of their elements comes near
// the end of the range.
func PartsFit(a, b []float32) bool {
	x, y := float64(AbsMax(a)), float64(AbsMax(b))
	return x < 0x1p60 && y < 0x1p60 && x*y < 0x1p24
}

// PartsSize is how many bfloat16 hold the parts of so many lanes and steps, both
// in whole blocks.
func PartsSize(lanes, steps int) int {
	return roundUp(lanes, PartSide) * roundUp(steps, PartSide) * 3
}

// Split splits lanes of x, rows of a or columns of b, into parts:
//
//	x[l·laneStride + p·stepStride] for l in [0, lanes), p in [0, steps)
//
// in blocks of PartSide lanes and steps. Those of the same lanes lie one after
// the other, as many as depth steps fill, and what is missing in the last of
// either are zeros. One of the strides must be 1. It panics if a slice is too
// short.
func Split(dst []uint16, depth int, x []float32, laneStride, stepStride, lanes, steps int, columns bool) {
	if lanes <= 0 || steps <= 0 {
		return
	}
	_ = x[(lanes-1)*laneStride+(steps-1)*stepStride]
	_ = dst[:PartsSize(roundUp(lanes, PartSide)-PartSide, depth)+PartsSize(PartSide, steps)]
	// What lies in one line are steps of a lane, or a step of all lanes.
	line, across, along := laneStride, lanes, steps
	if laneStride == 1 {
		line, across, along = stepStride, steps, lanes
	}
	var rest [partTile]float32
	for i := 0; i < across; i += PartSide {
		for j := 0; j < along; j += PartSide {
			l, p := i, j
			if laneStride == 1 {
				l, p = j, i
			}
			from, stride := x[i*line+j:], line
			if high, wide := min(PartSide, across-i), min(PartSide, along-j); high < PartSide || wide < PartSide {
				clear(rest[:])
				for row := range high {
					copy(rest[row*PartSide:][:wide], from[row*line:])
				}
				from, stride = rest[:], PartSide
			}
			splitBlock(dst[PartsSize(l, depth)+PartsSize(PartSide, p):], from, stride, laneStride == 1, columns)
		}
	}
}

// MulParts computes a block of a matrix product from what [Split] has made of
// rows of a and columns of b:
//
//	c[i·ldc+j] = (c[i·ldc+j] if Add, else 0) + Σ a(i, p)·b(p, j) + Columns[j] (+ Scales[i]·Addend[i·ldc+j])
//
// and ReLU, as [MulPacked] does; Rows are not used. The sums are those of
// mulPartsPortable. Which block an element falls in does not change its bits.
func MulParts(c []float32, ldc, rows, cols, steps int, a, b []uint16, ends Ends[float32]) {
	if rows <= 0 || cols <= 0 {
		return
	}
	_ = c[(rows-1)*ldc+cols-1]
	_, _ = a[:PartsSize(rows, steps)], b[:PartsSize(cols, steps)]
	if ends.Addend != nil {
		_, _ = ends.Addend[(rows-1)*ldc+cols-1], ends.Scales[rows-1]
	}
	for j := 0; j < cols; j += PartSide {
		panel := ends
		if ends.Columns != nil {
			panel.Columns = ends.Columns[j:cols]
		}
		if ends.Addend != nil {
			panel.Addend = ends.Addend[j:]
		}
		mulParts(c[j:], ldc, rows, min(PartSide, cols-j), steps, a, b[PartsSize(j, steps):], panel)
	}
}

// MakeParts returns room for so many bfloat16, on large pages if they are many.
func MakeParts(n int) []uint16 {
	x := Aligned[float32]((n + 1) / 2)
	return unsafe.Slice((*uint16)(unsafe.Pointer(unsafe.SliceData(x))), n)
}
