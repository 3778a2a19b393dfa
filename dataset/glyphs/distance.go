package glyphs

import (
	"image"
	"math"
)

const (
	side  = raster / 2 // of a field
	reach = 24         // distances are cut off here, in pixels of the raster
)

// field holds, for each of side × side points, the distance to the nearest edge
// of a character as a fraction of the frame: positive inside. Where it is
// thresholded decides the weight of the stroke, how sharply decides the edge,
// and both may change after the character was bent.
type field []float32

func newField(picture *image.Alpha) field {
	inside := make([]bool, raster*raster)
	for i, a := range picture.Pix { // the stride is raster
		inside[i] = a >= 128
	}
	toInside, toOutside := distances(inside, true), distances(inside, false)
	f := make(field, side*side)
	for i := range f {
		x, y := 2*(i%side), 2*(i/side)
		sum := float32(0)
		for _, j := range [4]int{y*raster + x, y*raster + x + 1, (y+1)*raster + x, (y+1)*raster + x + 1} {
			sum += toOutside[j] - toInside[j] // one of them is 0; the edge lies half a pixel before the other
			if inside[j] {
				sum -= 0.5
			} else {
				sum += 0.5
			}
		}
		f[i] = sum / 4 / raster
	}
	return f
}

// distances returns the Euclidean distance of every pixel to the nearest pixel
// whose state is want, up to reach: first along columns, then the nearest
// column.
func distances(inside []bool, want bool) []float32 {
	column := make([]int, len(inside))
	for x := range raster {
		down, up := reach, reach
		for y := range raster {
			if down = min(down+1, reach); inside[y*raster+x] == want {
				down = 0
			}
			column[y*raster+x] = down
		}
		for y := raster - 1; y >= 0; y-- {
			if up = min(up+1, reach); inside[y*raster+x] == want {
				up = 0
			}
			column[y*raster+x] = min(column[y*raster+x], up)
		}
	}
	d := make([]float32, len(inside))
	for i := range d {
		x, row := i%raster, i-i%raster
		best := reach * reach
		for dx := 0; dx*dx < best; dx++ {
			if x-dx >= 0 {
				best = min(best, dx*dx+column[row+x-dx]*column[row+x-dx])
			}
			if x+dx < raster {
				best = min(best, dx*dx+column[row+x+dx]*column[row+x+dx])
			}
		}
		d[i] = float32(math.Sqrt(float64(best)))
	}
	return d
}

// at returns the field at a point in its own pixels, bilinearly; outside it is
// that of the nearest point of its border.
func (f field) at(u, v float32) float32 {
	u, v = min(max(u, 0), side-1.001), min(max(v, 0), side-1.001)
	x, y := int(u), int(v)
	u -= float32(x)
	v -= float32(y)
	square := f[y*side+x : y*side+x+side+2]
	top := square[0] + u*(square[1]-square[0])
	bottom := square[side] + u*(square[side+1]-square[side])
	return top + v*(bottom-top)
}
