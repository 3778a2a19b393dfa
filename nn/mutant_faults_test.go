package nn_test

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// fault is one way for a pullback to be wrong.
type fault[F tensor.Float] struct {
	name   string
	input  int                // whose gradient is wrong; −1 where that is open
	cause  autodiff.Cause     // what the diagnosis must be
	detail autodiff.Diagnosis // with this factor, shift and axis
	open   bool               // there is no cause that it must be

	cotangent func(dy *tensor.Tensor[F])     // changes what is pulled back
	gradient  func(g, x []*tensor.Tensor[F]) // changes the gradients g in the inputs x
	stores    int                            // 1 + the input whose gradient is stored, not added
}

// faultsOf lists faults for a layer with inputs of these shapes, the batch
// first.
func faultsOf[F tensor.Float](shapes [][]int) []fault[F] {
	list := cotangentFaults[F](shapes[0][0])
	for i, shape := range shapes {
		list = append(list, factorFaults[F](i, shapes[0][0])...)
		list = append(list, placeFaults[F](i, shape)...)
		list = append(list, normFaults[F](i, shape)...)
		list = append(list, stepFaults[F](i)...)
		for k := range i {
			if tensor.Size(shape) == tensor.Size(shapes[k]) {
				list = append(list, fault[F]{name: fmt.Sprintf("gradients %d and %d swapped", k, i), input: -1, open: true,
					gradient: func(g, _ []*tensor.Tensor[F]) { g[i].Data, g[k].Data = g[k].Data, g[i].Data }})
			}
		}
	}
	return list
}

func each[F tensor.Float](name string, i int, f func(g []F)) fault[F] {
	return fault[F]{name: fmt.Sprintf("%s in input %d", name, i), input: i, open: true,
		gradient: func(g, _ []*tensor.Tensor[F]) { f(g[i].Data) }}
}

func times[F tensor.Float](factor float64) func(g []F) {
	return func(g []F) {
		for j := range g {
			g[j] = F(float64(g[j]) * factor)
		}
	}
}

// factorFaults are multiples of the gradient.
func factorFaults[F tensor.Float](i, batch int) []fault[F] {
	var list []fault[F]
	for _, factor := range []float64{-1, 2, 0.5, 1.001, 1 / float64(batch), 0} {
		f := each(fmt.Sprintf("factor %.4g", factor), i, times[F](factor))
		f.cause, f.detail.Factor, f.open = autodiff.Factor, factor, false
		switch factor {
		case -1:
			f.cause = autodiff.Sign
		case 0:
			f.cause = autodiff.NoGradient
		}
		list = append(list, f)
	}
	return list
}

// placeFaults are the right numbers in wrong places, and missing ones.
func placeFaults[F tensor.Float](i int, shape []int) []fault[F] {
	n := tensor.Size(shape)
	list := []fault[F]{
		each("last element forgotten", i, func(g []F) { g[n-1] = 0 }),
		each("half forgotten", i, func(g []F) { clear(g[:(n+1)/2]) }),
		each("one element's factor", i, func(g []F) { g[n/2] *= 1.5 }),
		each("another order", i, func(g []F) { permute(g, func(j int) int { return (j*j + j/2 + 1) % n }) }),
		each("read backwards", i, func(g []F) { permute(g, func(j int) int { return n - 1 - j }) }),
	}
	roll := each("shift in memory", i, func(g []F) { permute(g, func(j int) int { return (j + 1) % n }) })
	roll.cause, roll.detail, roll.open = autodiff.Shift, autodiff.Diagnosis{Shift: 1, Axis: -1}, n < 3
	list = append(list, roll)
	for axis, size := range shape {
		stride := tensor.Size(shape[axis+1:])
		for _, by := range []int{1, -1} {
			shift := each(fmt.Sprintf("shift %+d along dimension %d", by, axis), i, func(g []F) {
				permute(g, func(j int) int {
					if at := j/stride%size + by; at < 0 || at >= size {
						return -1
					}
					return j + by*stride
				})
			})
			shift.cause, shift.detail, shift.open = autodiff.Shift, autodiff.Diagnosis{Shift: by, Axis: axis}, size < 2 || n < 4
			list = append(list, shift)
		}
		list = append(list, each(fmt.Sprintf("first of dimension %d only", axis), i, func(g []F) {
			for j := range g {
				if j/stride%size > 0 {
					g[j] = 0
				}
			}
		}))
		if axis > 0 {
			transposed := each(fmt.Sprintf("dimensions %d and %d transposed", axis-1, axis), i, func(g []F) {
				before := shape[axis-1]
				permute(g, func(j int) int {
					block, rest := j/(before*size*stride)*(before*size*stride), j%(before*size*stride)
					a, b := rest/stride/before, rest/stride%before // written as [size before]
					return block + (b*size+a)*stride + rest%stride
				})
			})
			list = append(list, transposed)
		}
	}
	return list
}

// permute puts g[from(j)] in place j, 0 where from is negative.
func permute[F tensor.Float](g []F, from func(j int) int) {
	right := append([]F(nil), g...)
	for j := range g {
		if k := from(j); k >= 0 {
			g[j] = right[k]
		} else {
			g[j] = 0
		}
	}
}

// normFaults lack the terms that norms, means and variances give: of every
// group of elements a multiple of the input, of the input less its mean, or of
// ones.
func normFaults[F tensor.Float](i int, shape []int) []fault[F] {
	type cut struct {
		name   string
		groups int
		of     func(j int) int
	}
	n := tensor.Size(shape)
	cuts := []cut{{"all", 1, func(int) int { return 0 }}}
	for axis := 1; axis < len(shape); axis++ {
		inner := tensor.Size(shape[axis:])
		cuts = append(cuts, cut{fmt.Sprint("blocks of ", shape[axis:]), n / inner, func(j int) int { return j / inner }})
	}
	if len(shape) > 1 {
		channels, inner := shape[1], tensor.Size(shape[2:])
		cuts = append(cuts, cut{"channels", channels, func(j int) int { return j / inner % channels }})
	}
	var list []fault[F]
	for _, c := range cuts {
		width := n / c.groups
		for _, term := range []struct {
			name              string
			cause             autodiff.Cause
			x, centred, level float64
			needs             int // elements of a group beside which the term is seen
		}{
			{"norm", autodiff.NoProjection, 1, 0, 0, 2},
			{"variance", autodiff.NoProjection, 0, 1, 0, 3},
			{"mean", autodiff.NoMean, 0, 0, 1, 2},
			{"mean and variance", autodiff.NoProjectionMean, 0, 1, 1, 3},
		} {
			f := fault[F]{name: fmt.Sprintf("%s of %s left out in input %d", term.name, c.name, i), input: i,
				cause: term.cause, open: width < term.needs || n < 3,
				gradient: func(g, x []*tensor.Tensor[F]) {
					size, level, mean := rms(g[i].Data), make([]float64, c.groups), make([]float64, c.groups)
					for j, v := range x[i].Data {
						mean[c.of(j)] += float64(v) / float64(width)
						level[c.of(j)] = size * (0.5 + 0.25*float64(c.of(j)%3))
					}
					for j, v := range x[i].Data {
						k := c.of(j)
						more := term.x*float64(v) + term.centred*(float64(v)-mean[k]) + 0.7*term.level
						g[i].Data[j] += F(level[k] * more)
					}
				}}
			list = append(list, f)
		}
	}
	return list
}

// stepFaults remember earlier steps, or store.
func stepFaults[F tensor.Float](i int) []fault[F] {
	var previous, total, first []F
	added := each("the previous step's added", i, func(g []F) {
		now := append([]F(nil), g...)
		for j := range previous {
			g[j] += previous[j]
		}
		previous = now
	})
	summed := each("never cleared", i, func(g []F) {
		if total == nil {
			total = make([]F, len(g))
		}
		for j := range g {
			total[j] += g[j]
		}
		copy(g, total)
	})
	summed.cause, summed.open = autodiff.Accumulates, false
	kept := each("the first step's for ever", i, func(g []F) {
		if first == nil {
			first = append(first, g...)
		}
		copy(g, first)
	})
	kept.cause, kept.open = autodiff.Remembers, false
	return []fault[F]{added, summed, kept, {name: fmt.Sprint("stored in input ", i), input: i, cause: autodiff.Stores, stores: i + 1}}
}

// cotangentFaults pull back something other than the cotangent.
func cotangentFaults[F tensor.Float](batch int) []fault[F] {
	bent := func(name string, f func(dy *tensor.Tensor[F])) fault[F] {
		return fault[F]{name: name, input: -1, open: true, cotangent: f}
	}
	return []fault[F]{
		bent("first of the batch only", func(dy *tensor.Tensor[F]) { clear(dy.Data[len(dy.Data)/batch:]) }),
		bent("last of the batch forgotten", func(dy *tensor.Tensor[F]) { clear(dy.Data[len(dy.Data)-len(dy.Data)/batch:]) }),
		bent("cotangent shifted", func(dy *tensor.Tensor[F]) {
			permute(dy.Data, func(j int) int { return (j + 1) % len(dy.Data) })
		}),
		bent("cotangent's examples shifted", func(dy *tensor.Tensor[F]) {
			permute(dy.Data, func(j int) int { return (j + len(dy.Data)/batch) % len(dy.Data) })
		}),
		bent("cotangent backwards", func(dy *tensor.Tensor[F]) {
			permute(dy.Data, func(j int) int { return len(dy.Data) - 1 - j })
		}),
		bent("cotangent transposed", func(dy *tensor.Tensor[F]) {
			permute(dy.Data, func(j int) int { return j%batch*(len(dy.Data)/batch) + j/batch })
		}),
		bent("cotangent of ones", func(dy *tensor.Tensor[F]) { dy.Fill(1) }),
		bent("cotangent's mean", func(dy *tensor.Tensor[F]) { times[F](1 / float64(batch))(dy.Data) }),
		{name: "all gradients zero", input: -1, open: true, gradient: func(g, _ []*tensor.Tensor[F]) {
			for i := range g {
				clear(g[i].Data)
			}
		}},
	}
}

func rms[F tensor.Float](x []F) float64 {
	var squares float64
	for _, v := range x {
		squares += float64(v) * float64(v) / float64(len(x))
	}
	return math.Sqrt(squares)
}
