package autodiff

import (
	"fmt"
	"iter"
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// projection fits right − analytic, group by group, by a multiple of the input,
// of the input less its mean, by a constant, and by a multiple and a constant.
func (e *evidence) projection() (Diagnosis, bool) {
	for _, fit := range []struct {
		cause Cause
		terms span
	}{
		{NoProjection, span{x: true}}, {NoProjection, span{x: true, centred: true}},
		{NoMean, span{constant: true}}, {NoProjectionMean, span{x: true, constant: true}},
	} {
		for along, groups := range e.groups() {
			if e.fits(groups, fit.terms) {
				return Diagnosis{Cause: fit.cause, Along: along}, true
			}
		}
	}
	return Diagnosis{}, false
}

// span is what vectors a difference of gradients is fitted by: the input, less
// its mean if centred, and the constants.
type span struct{ x, centred, constant bool }

// groups yields the ways to cut the elements into the vectors that layers
// normalise: all, the channels of [batch, channels, …], examples and their
// parts, columns, and rows.
func (e *evidence) groups() iter.Seq2[string, [][]int] {
	return func(yield func(string, [][]int) bool) {
		rank := len(e.shape)
		cut := func(along string, count int, of func(at int) int) bool {
			groups := make([][]int, count)
			for j, r := range e.right {
				if g := of(e.from + j); r == r {
					groups[g] = append(groups[g], j)
				}
			}
			return yield(along, groups)
		}
		if !cut("the whole", 1, func(int) int { return 0 }) || rank < 2 {
			return
		}
		// From few groups to many: what fits few fits parts of them as well.
		if rank > 2 {
			channels, inner := e.shape[1], tensor.Size(e.shape[2:])
			if !cut("channels", channels, func(at int) int { return at / inner % channels }) {
				return
			}
		}
		last, all := e.shape[rank-1], tensor.Size(e.shape)
		if !cut("columns", last, func(at int) int { return at % last }) {
			return
		}
		for axis := 1; axis < rank; axis++ {
			along, inner := "rows", tensor.Size(e.shape[axis:])
			if axis < rank-1 {
				along = fmt.Sprintf("blocks of %v", e.shape[axis:])
			}
			if !cut(along, all/inner, func(at int) int { return at / inner }) {
				return
			}
		}
	}
}

// fits reports whether right − analytic lies, in every group, in the span, and
// this is more than counting the coefficients: some group must have an element
// more than those.
func (e *evidence) fits(groups [][]int, terms span) bool {
	var left, total float64
	free := 0
	for _, group := range groups {
		var xs, ds []float64
		for _, j := range group {
			xs, ds = append(xs, e.x[j]), append(ds, e.right[j]-e.analytic[j])
			total += ds[len(ds)-1] * ds[len(ds)-1]
		}
		spare := len(group)
		if terms.centred || terms.constant {
			centre(xs)
			spare--
		}
		if terms.constant {
			centre(ds)
		}
		if terms.x {
			var xx, xd float64
			for m, x := range xs {
				xx, xd = xx+x*x, xd+x*ds[m]
			}
			for m, x := range xs {
				if xx > 0 {
					ds[m] -= xd / xx * x
				}
			}
			spare--
		}
		for _, d := range ds {
			left += d * d
		}
		free += max(spare, 0)
	}
	return free > 0 && total > 0 && math.Sqrt(left/total) <= enough
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
