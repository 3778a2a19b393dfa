package warp

import (
	"math"
	"math/rand/v2"
)

// Motion is an affine map of a picture about its centre: scale first, then
// shear, rotate and shift.
type Motion struct {
	ScaleX, ScaleY float64 // factors, not zero
	Shear          float64 // how far x moves for each pixel of y
	Rotate         float64 // radians, clockwise as the picture is seen
	ShiftX, ShiftY float64 // pixels
}

const (
	cells = 4         // of the control grid, a side
	knots = cells + 3 // control points a side: a cubic spline sees four
)

// Warp maps the pixels of a picture of Width × Height to points of another of
// the same size. Coordinates are those of pixel centres: (0, 0) is the middle
// of the first pixel.
type Warp struct {
	Width, Height int

	xx, xy, x0 float32 // u = xx·x + xy·y + x0
	yx, yy, y0 float32 // v = yx·x + yy·y + y0
	bent       bool
	bend       [2][knots * knots]float32 // displacements of the control points in u and v
}

// Affine sets the affine part so that the picture made is the one given, moved
// by m.
func (w *Warp) Affine(m Motion) {
	sin, cos := math.Sincos(m.Rotate)
	// The map of the picture, forward: rotation · shear · scale.
	a, b := cos*m.ScaleX, (cos*m.Shear-sin)*m.ScaleY
	c, d := sin*m.ScaleX, (sin*m.Shear+cos)*m.ScaleY
	det := a*d - b*c // = ScaleX·ScaleY
	a, b, c, d = d/det, -b/det, -c/det, a/det
	cx, cy := float64(w.Width-1)/2, float64(w.Height-1)/2
	px, py := cx+m.ShiftX, cy+m.ShiftY
	w.xx, w.xy, w.x0 = float32(a), float32(b), float32(cx-a*px-b*py)
	w.yx, w.yy, w.y0 = float32(c), float32(d), float32(cy-c*px-d*py)
}

// Bend sets the displacement: each control point moves by N(0, strength²)
// pixels in both directions. A strength of 0 draws nothing and bends nothing.
func (w *Warp) Bend(rng *rand.Rand, strength float64) {
	w.bent = strength != 0
	if !w.bent {
		return
	}
	for axis := range w.bend {
		for k := range w.bend[axis] {
			w.bend[axis][k] = float32(strength * rng.NormFloat64())
		}
	}
}

// Row writes the points (u, v) that the pixels x, x+1, … of row y show. u and
// v have the same length.
func (w *Warp) Row(y, x int, u, v []float32) {
	v = v[:len(u)]
	baseU, baseV := w.xy*float32(y)+w.x0, w.yy*float32(y)+w.y0
	for i := range u {
		fx := float32(x + i)
		u[i], v[i] = w.xx*fx+baseU, w.yx*fx+baseV
	}
	if w.bent {
		w.displace(0, y, x, u)
		w.displace(1, y, x, v)
	}
}

// displace adds one axis of the spline along a row. Blended in y the spline is
// one cubic in x for each cell, which Horner's rule evaluates.
func (w *Warp) displace(axis, y, x int, u []float32) {
	var row [knots]float32
	at := float32(y) * cells / float32(w.Height)
	cell := min(int(at), cells-1)
	t := at - float32(cell)
	for k := range row {
		p := w.bend[axis][cell*knots+k:]
		c := cubic(p[0], p[knots], p[2*knots], p[3*knots])
		row[k] = ((c[3]*t+c[2])*t+c[1])*t + c[0]
	}
	var cubics [cells][4]float32
	for k := range cubics {
		cubics[k] = cubic(row[k], row[k+1], row[k+2], row[k+3])
	}
	perPixel := cells / float32(w.Width)
	for i := range u {
		at := float32(x+i) * perPixel
		cell := min(int(at), cells-1)
		t := at - float32(cell)
		c := &cubics[cell]
		u[i] += ((c[3]*t+c[2])*t+c[1])*t + c[0]
	}
}

// cubic returns the coefficients of the uniform cubic B-spline over four
// control points.
func cubic(p0, p1, p2, p3 float32) [4]float32 {
	return [4]float32{(p0 + 4*p1 + p2) / 6, (p2 - p0) / 2, (p0 - 2*p1 + p2) / 2, (p3 - p0 + 3*(p1-p2)) / 6}
}
