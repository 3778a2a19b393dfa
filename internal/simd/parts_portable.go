package simd

import "math"

// splitBlockPortable splits a block whose lines lie stride apart; each is a step,
// or a lane. Part q of rows is [32 lanes, 32 steps]; of columns [2, 16, 16, 2]:
// for two halves of the lanes, 16 pairs of steps.
func splitBlockPortable(dst []uint16, x []float32, stride int, steps, columns bool) {
	for i := range PartSide {
		for j := range PartSide {
			lane, step := i, j
			if steps {
				lane, step = j, i
			}
			at := lane*PartSide + step
			if columns {
				at = (lane/16*16+step/2)*PartSide + lane%16*2 + step%2
			}
			rest := x[i*stride+j] * partScale
			for q := range 3 {
				part := rest
				if q < 2 { // Veltkamp: rest to eight bits
					wide := float32(rest * 0x1.0001p16)
					part = wide - float32(wide-rest)
				}
				dst[q*partTile+at] = uint16(math.Float32bits(part) >> 16)
				rest -= part
			}
		}
	}
}

// partOrder is in which order the products of parts are added.
var partOrder = [...]struct{ a, b int }{{0, 2}, {0, 1}, {1, 1}, {1, 0}, {2, 0}, {0, 0}}

// mulPartsPortable multiplies rows with one panel of columns.
func mulPartsPortable(c []float32, ldc, rows, cols, steps int, a, b []uint16, ends Ends[float32]) {
	blocks := PartsSize(PartSide, steps) / partBlock
	for i := range rows {
		tile, first := a[i/PartSide*blocks*partBlock:], i%PartSide*PartSide
		for j := range cols {
			at := i*ldc + j
			var before, column float32
			if ends.Add {
				before = c[at]
			}
			if ends.Columns != nil {
				column = ends.Columns[j]
			}
			c[at] = before + float32(partSum(tile, b, first, j, blocks)*partUnscale) + column
			if ends.ReLU && c[at] < 0 {
				c[at] = 0
			}
			if ends.Addend != nil {
				c[at] = fma(ends.Scales[i], ends.Addend[at], c[at])
			}
		}
	}
}

// partSum is what the processor computes of one sum: the products of parts of 32
// steps, the even ones and the odd ones by themselves, added to those before.
func partSum(a, b []uint16, row, column, blocks int) float32 {
	sum := float32(0)
	for block := range blocks {
		for _, q := range partOrder {
			x := a[block*partBlock+q.a*partTile+row:][:PartSide]
			y := b[block*partBlock+q.b*partTile+column/16*partTile/2+column%16*2:]
			var halves [2]float32
			for p := range PartSide {
				halves[p%2] = flushed(fma(bfloat(x[p]), bfloat(y[p/2*PartSide+p%2]), halves[p%2]))
			}
			sum = flushed(sum + flushed(halves[0]+halves[1]))
		}
	}
	return sum
}

// bfloat is the number that a bfloat16 stands for.
func bfloat(bits uint16) float32 { return flushed(math.Float32frombits(uint32(bits) << 16)) }

// flushed is x, or 0 in place of a number below the smallest with all its bits.
func flushed(x float32) float32 {
	if x > -0x1p-126 && x < 0x1p-126 {
		return float32(math.Copysign(0, float64(x)))
	}
	return x
}
