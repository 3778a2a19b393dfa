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

// close is how near a factor must be to a number to be called by its name.
const close = 1e-4

// are reports whether the analytic gradient is what a guess g says, elements
// of unknown g left out: whether that explains all but a small part of its
// distance from the right one.
func (e *evidence) are(g []float64) bool { return explained(e.analytic, g, e.right) }

func explained(analytic, guess, right []float64) bool {
	var left, whole float64
	for j, r := range right {
		if g := guess[j]; r == r && g == g {
			left, whole = math.Hypot(left, analytic[j]-g), math.Hypot(whole, analytic[j]-r)
		}
	}
	return left <= 0.02*whole && whole > 0
}

// explain looks for the simplest relation between the two gradients.
func (e *evidence) explain() Diagnosis {
	if norm(e.analytic) == 0 {
		return Diagnosis{Cause: NoGradient}
	}
	if d, ok := e.factor(); ok {
		return d
	}
	for s := 1; s <= len(e.right)/2; s++ {
		for _, shift := range [2]int{s, -s} {
			if e.shifted(shift) {
				return Diagnosis{Cause: Shift, Shift: shift}
			}
		}
	}
	if e.whole && len(e.shape) >= 2 && e.are(transposed(e.right, e.shape)) {
		return Diagnosis{Cause: Transposed}
	}
	if n := lastOf(append([]int{1}, e.shape...)); e.whole || len(e.right)%n == 0 {
		if e.are(reversed(e.right, len(e.right))) || e.are(reversed(e.right, n)) {
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
	if near(a, b, close) {
		return Diagnosis{Cause: Permuted}
	}
	return Diagnosis{Cause: Unexplained}
}

// factor fits analytic = factor·right.
func (e *evidence) factor() (Diagnosis, bool) {
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
	if notFinite(factor) || !e.are(multiple) || factor == 0 {
		return Diagnosis{}, false
	}
	if math.Abs(factor+1) < close {
		return Diagnosis{Cause: Sign, Factor: -1}, true
	}
	d := Diagnosis{Cause: Factor, Factor: factor}
	name := func(n int, text string) {
		switch {
		case n < 2 || d.Where != "":
		case math.Abs(factor*float64(n)-1) < close:
			d.Where = ", one over its " + text
		case math.Abs(factor/float64(n)-1) < close:
			d.Where = ", its " + text
		}
	}
	if e.whole {
		name(len(e.analytic), "size")
	}
	for axis, n := range e.shape {
		name(n, fmt.Sprint("dimension ", axis))
	}
	return d, true
}

// shifted reports whether analytic[j] = right[j+shift] wherever both exist.
func (e *evidence) shifted(shift int) bool {
	n := len(e.right) - max(shift, -shift)
	from := max(-shift, 0)
	return n >= 2 && explained(e.analytic[from:][:n], e.right[max(shift, 0):][:n], e.right[from:][:n])
}

// projection fits right − analytic, group by group, by a multiple of the input,
// by a constant, and by both; groups are the whole, rows and columns.
func (e *evidence) projection() (Diagnosis, bool) {
	n := len(e.right)
	last := lastOf(append([]int{n}, e.shape...))
	ways := []struct {
		along          string
		groups, stride int // element m of group g is at g·start + m·stride
	}{{"the whole", 1, 1}, {"rows", n / max(last, 1), 1}, {"columns", last, last}}
	for _, fit := range []struct {
		cause       Cause
		x, constant bool
	}{{NoProjection, true, false}, {NoMean, false, true}, {NoProjectionMean, true, true}} {
		for _, way := range ways {
			if way.groups == 0 || n%way.groups != 0 {
				continue
			}
			free := n / way.groups // elements of a group; each coefficient costs one
			if fit.x {
				free--
			}
			if fit.constant {
				free--
			}
			if free < 1 {
				continue
			}
			if e.fits(way.groups, way.stride, fit.x, fit.constant) {
				return Diagnosis{Cause: fit.cause, Along: way.along}, true
			}
		}
	}
	return Diagnosis{}, false
}

// fits reports whether right − analytic lies, in every group, in the span of
// the input and the constants asked for.
func (e *evidence) fits(groups, stride int, withX, withConstant bool) bool {
	size := len(e.right) / groups
	var left, total float64
	for g := range groups {
		from := g * size
		if stride > 1 {
			from = g
		}
		var xs, ds []float64
		for m := range size {
			at := from + m*stride
			if d := e.right[at] - e.analytic[at]; d == d {
				xs, ds = append(xs, e.x[at]), append(ds, d)
			}
		}
		for _, d := range ds {
			total += d * d
		}
		if withConstant {
			centre(xs)
			centre(ds)
		}
		if withX {
			var xx, xd float64
			for m, x := range xs {
				xx, xd = xx+x*x, xd+x*ds[m]
			}
			if xx > 0 {
				for m, x := range xs {
					ds[m] -= xd / xx * x
				}
			}
		}
		for _, d := range ds {
			left += d * d
		}
	}
	return total > 0 && math.Sqrt(left/total) <= 0.02
}

func centre(x []float64) {
	var mean float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for i := range x {
		x[i] -= mean
	}
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

// transposed returns g with its last two indices exchanged, as a gradient that
// was stored the other way round would lie in memory.
func transposed(g []float64, shape []int) []float64 {
	m, n := shape[len(shape)-2], shape[len(shape)-1]
	t := make([]float64, len(g))
	for at := 0; at < len(g); at += m * n {
		for i := range m {
			for j := range n {
				t[at+j*m+i] = g[at+i*n+j]
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
