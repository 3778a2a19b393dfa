package problems

import (
	"math"
	"slices"
)

// norm returns ‖x‖ without overflow.
func norm(x []float64) float64 {
	largest := 0.0
	for _, v := range x {
		largest = max(largest, math.Abs(v))
	}
	if largest == 0 || math.IsInf(largest, 1) {
		return largest
	}
	sum := 0.0
	for _, v := range x {
		sum += v / largest * (v / largest)
	}
	return largest * math.Sqrt(sum)
}

// dot returns Σ a_i b_i.
func dot(a, b []float64) float64 {
	sum := 0.0
	for i, v := range a {
		sum += v * b[i]
	}
	return sum
}

func ones(n int) []float64 { return slices.Repeat([]float64{1}, n) }

// argmax returns the lowest index of the largest element.
func argmax(x []float64) int {
	best := 0
	for i, v := range x {
		if v > x[best] {
			best = i
		}
	}
	return best
}

// minimise returns the minimum of f over [lo, hi] by brute force: the best of
// points + 1 on a grid, then golden sections around it.
func minimise(f func(float64) float64, lo, hi float64, points int) (x, value float64) {
	width := (hi - lo) / float64(points)
	x, value = lo, f(lo)
	for i := 1; i <= points; i++ {
		at := lo + width*float64(i)
		if v := f(at); v < value {
			x, value = at, v
		}
	}
	golden := (math.Sqrt(5) - 1) / 2
	a, b := max(lo, x-width), min(hi, x+width)
	p, q := b-golden*(b-a), a+golden*(b-a)
	fp, fq := f(p), f(q)
	for range 50 {
		if fp < fq {
			b, q, fq = q, p, fp
			p = b - golden*(b-a)
			fp = f(p)
		} else {
			a, p, fp = p, q, fq
			q = a + golden*(b-a)
			fq = f(q)
		}
	}
	for _, at := range []float64{p, q} {
		if v := f(at); v < value {
			x, value = at, v
		}
	}
	return x, value
}

// slope returns the derivative of f at x by central differences of five
// points, right to about 1e-10 for functions of moderate size.
func slope(f func(float64) float64, x float64) float64 {
	h := 1e-3 * max(1, math.Abs(x))
	return (8*(f(x+h)-f(x-h)) - (f(x+2*h) - f(x-2*h))) / (12 * h)
}

// gradientOf returns the gradient of f at x by slopes. It moves x and puts it
// back.
func gradientOf(f func() float64, x []float64) []float64 {
	g := make([]float64, len(x))
	for i := range x {
		at := x[i]
		g[i] = slope(func(v float64) float64 { x[i] = v; return f() }, at)
		x[i] = at
	}
	return g
}
