package problems

import (
	"math/rand/v2"
	"slices"
)

// filterPlain is the filter by its formula, for the checks.
type filterPlain struct {
	w                         []float64
	b                         float64
	dilation, stride, padding int
	x                         [][]float64
}

// newFilterPlain copies what differences will move.
func newFilterPlain(w []float64, b float64, dilation, stride, padding int, x [][]float64) *filterPlain {
	rows := make([][]float64, len(x))
	for i, row := range x {
		rows[i] = slices.Clone(row)
	}
	return &filterPlain{slices.Clone(w), b, dilation, stride, padding, rows}
}

// outputs returns y_i = Σ_k w_k x_{is+kd−p} + b, all that fit in the padded x.
func (p *filterPlain) outputs() [][]float64 {
	y := make([][]float64, len(p.x))
	for r, x := range p.x {
		y[r] = []float64{}
		for i := 0; i*p.stride+p.dilation*(len(p.w)-1) < len(x)+2*p.padding; i++ {
			sum := p.b
			for k, w := range p.w {
				if at := i*p.stride + k*p.dilation - p.padding; at >= 0 && at < len(x) {
					sum += w * x[at]
				}
			}
			y[r] = append(y[r], sum)
		}
	}
	return y
}

// gradients returns those of Σ g·y by differences, exact but for rounding
// since y is bilinear.
func (p *filterPlain) gradients(g [][]float64) (dw []float64, db float64, dx [][]float64) {
	loss := func() float64 {
		sum := 0.0
		for r, y := range p.outputs() {
			sum += dot(y, g[r])
		}
		return sum
	}
	dw = gradientOf(loss, p.w)
	b := []float64{p.b}
	db = gradientOf(func() float64 { p.b = b[0]; return loss() }, b)[0]
	p.b = b[0]
	for _, x := range p.x {
		dx = append(dx, gradientOf(loss, x))
	}
	return dw, db, dx
}

// drawFilter returns inputs and gradients that fit, at times with no output.
func drawFilter(rng *rand.Rand, taps, dilation, stride, padding int) (x, g [][]float64) {
	x = normals(rng, 1+rng.IntN(2), max(1, dilation*(taps-1)-2*padding)+rng.IntN(5))
	p := filterPlain{make([]float64, taps), 0, dilation, stride, padding, x}
	return x, normals(rng, len(x), len(p.outputs()[0]))
}
