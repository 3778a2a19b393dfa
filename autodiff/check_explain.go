package autodiff

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/tensor"
)

// evidence is a wrong gradient, the right one (NaN where it is unknown), and
// the input they belong to.
type evidence struct {
	analytic, right, x []float64
	shape              []int
	from               int     // the element of the input that the slices begin at
	whole              bool    // the slices hold the whole input, not a window of it
	tolerance          float64 // the relative error at which an element is wrong
}

// alike is how near a factor must be to a number to be called by its name.
const alike = 1e-4

// enough is what part of a gradient's distance from the right one an
// explanation may leave.
const enough = 0.02

// are reports whether the analytic gradient is what a guess g says, elements
// of unknown g left out.
func (e *evidence) are(g []float64) bool { return e.unexplained(g) <= enough }

// unexplained returns what part of the analytic gradient's distance from the
// right one a guess leaves.
func (e *evidence) unexplained(guess []float64) float64 {
	var left, whole float64
	for j, r := range e.right {
		if g := guess[j]; r == r && g == g {
			left, whole = math.Hypot(left, e.analytic[j]-g), math.Hypot(whole, e.analytic[j]-r)
		}
	}
	if whole == 0 {
		return math.Inf(1)
	}
	return left / whole
}

// explain looks for the simplest relation between the two gradients.
func (e *evidence) explain() Diagnosis {
	if norm(e.analytic) == 0 {
		return Diagnosis{Cause: NoGradient}
	}
	// A few large elements can hide the others: a shift may pass for a factor.
	multiple, left := e.factor()
	if d, ok := e.shift(min(left/8, enough)); ok {
		return d
	}
	if left <= enough {
		return multiple
	}
	for axis := range e.shape {
		if e.whole && axis+1 < len(e.shape) && e.are(transposed(e.right, e.shape, axis)) {
			return Diagnosis{Cause: Transposed, Axis: axis}
		}
		if n := tensor.Size(e.shape[axis:]); len(e.right)%n == 0 && e.are(reversed(e.right, n)) {
			return Diagnosis{Cause: Reversed}
		}
	}
	if d, ok := e.projection(); ok {
		return d
	}
	if where, ok := e.part(); ok {
		return Diagnosis{Cause: Part, Where: where}
	}
	a, b := slices.Sorted(slices.Values(e.analytic)), slices.Sorted(slices.Values(e.right))
	if near(a, b, alike) {
		return Diagnosis{Cause: Permuted}
	}
	return Diagnosis{Cause: Unexplained}
}

// factor fits analytic = factor·right, and returns what that leaves unexplained.
func (e *evidence) factor() (d Diagnosis, left float64) {
	var ar, rr float64
	for j, r := range e.right {
		if r == r {
			ar, rr = ar+e.analytic[j]*r, rr+r*r
		}
	}
	factor := ar / rr
	multiple := make([]float64, len(e.right))
	for j, r := range e.right {
		multiple[j] = factor * r
	}
	if notFinite(factor) || factor == 0 {
		return d, math.Inf(1)
	}
	left = e.unexplained(multiple)
	if math.Abs(factor+1) < alike {
		return Diagnosis{Cause: Sign, Factor: -1}, left
	}
	d = Diagnosis{Cause: Factor, Factor: factor}
	name := func(n int, text string) {
		switch {
		case n < 2 || d.Where != "":
		case math.Abs(factor*float64(n)-1) < alike:
			d.Where = ", one over its " + text
		case math.Abs(factor/float64(n)-1) < alike:
			d.Where = ", its " + text
		}
	}
	if e.whole {
		name(len(e.analytic), "size")
	}
	for axis, n := range e.shape {
		name(n, fmt.Sprint("dimension ", axis))
	}
	return d, left
}

// shift looks for the smallest shift that leaves no more than least
// unexplained: in memory, or along a dimension if that leaves far less.
func (e *evidence) shift(least float64) (d Diagnosis, ok bool) {
	for s := 1; s <= len(e.right)/2 && !ok; s++ {
		for axis := -1; axis < len(e.shape); axis++ {
			for _, shift := range [2]int{s, -s} {
				if left := e.unexplained(e.shifted(shift, axis)); left <= least {
					d, ok = Diagnosis{Cause: Shift, Shift: shift, Axis: axis}, true
					least = left / 8
				}
			}
		}
	}
	return d, ok
}

// shifted returns the right gradient with what belongs to index+shift along a
// dimension at each index: NaN where there is nothing, and everywhere if that
// is more than half the way. Axis −1 stands for the order in memory.
func (e *evidence) shifted(shift, axis int) []float64 {
	size, stride := e.from+len(e.right), 1
	if axis >= 0 {
		size, stride = e.shape[axis], tensor.Size(e.shape[axis+1:])
	}
	moved := make([]float64, len(e.right))
	for j := range moved {
		at, from := (e.from+j)/stride%size+shift, j+shift*stride
		if moved[j] = math.NaN(); 2*max(shift, -shift) <= size && at >= 0 && at < size && from >= 0 && from < len(e.right) {
			moved[j] = e.right[from]
		}
	}
	return moved
}

// part says which elements are wrong if at least a quarter are right.
func (e *evidence) part() (where string, ok bool) {
	var wrong []int
	zero, size := true, norm(e.right)/math.Sqrt(float64(len(e.right)))
	for j, r := range e.right {
		if math.Abs(e.analytic[j]-r) > e.tolerance*max(math.Abs(r), size) {
			wrong = append(wrong, j)
			zero = zero && e.analytic[j] == 0
		}
	}
	if len(wrong) == 0 || 4*len(wrong) > 3*len(e.right) {
		return "", false
	}
	where = fmt.Sprintf("wrong in %d of %d, at %s", len(wrong), len(e.right), listed(wrong, e.from))
	if zero {
		where += ", where it is zero"
	}
	if !e.whole {
		return where, true
	}
	for axis, n := range e.shape {
		stride := tensor.Size(e.shape[axis+1:])
		at := wrong[0] / stride % n
		if n > 1 && len(wrong) == len(e.right)/n && !slices.ContainsFunc(wrong, func(j int) bool { return j/stride%n != at }) {
			where += fmt.Sprintf(": all those with index %d of %d along dimension %d", at, n, axis)
			break
		}
	}
	return where, true
}

// transposed returns g with the dimensions axis and axis+1 exchanged, as a
// gradient that was stored the other way round would lie in memory.
func transposed(g []float64, shape []int, axis int) []float64 {
	m, n, inner := shape[axis], shape[axis+1], tensor.Size(shape[axis+2:])
	t := make([]float64, 0, len(g))
	for ; len(g) > 0; g = g[m*n*inner:] {
		for j := range n {
			for i := range m {
				t = append(t, g[(i*n+j)*inner:][:inner]...)
			}
		}
	}
	return t
}

// reversed returns g with every run of n elements read backwards.
func reversed(g []float64, n int) []float64 {
	r := slices.Clone(g)
	for at := 0; at < len(r); at += n {
		slices.Reverse(r[at : at+n])
	}
	return r
}

// near reports whether a is within a relative distance of b, elements of
// unknown b left out.
func near(a, b []float64, relative float64) bool {
	var apart, size float64
	known := 0
	for j, v := range b {
		if v == v {
			apart, size = math.Hypot(apart, a[j]-v), math.Hypot(size, v)
			known++
		}
	}
	return known > 0 && size > 0 && apart <= relative*size
}

// norm returns the Euclidean norm of the known elements of g.
func norm(g []float64) float64 {
	var sum float64
	for _, v := range g {
		if v == v {
			sum = math.Hypot(sum, v)
		}
	}
	return sum
}
