package moments

import (
	"math"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// maxPool2D: what all examples share moves every element of a window alike; the
// rest is independent normal, and its largest of k has known moments. The
// activation before it is applied afterwards: a rising function commutes with
// the maximum, and GELU and SiLU fall only where the largest seldom lies. A
// gradient goes to one element of its window.
func maxPool2D[F tensor.Float](l *nn.MaxPool2D[F], in Moments) (Moments, Pull, error) {
	shape, err := l.OutputShape(in.Shape)
	if err != nil {
		return Moments{}, nil, err
	}
	ratios, windows := 0.0, 0.0 // of the slopes at the largest to those anywhere
	out, pull, err := pool(in, shape, l.Kernel, l.Stride, l.Padding, func(in Moments, inside []int) (Cell, joint) {
		z := meanLatent(in, inside)
		mean, variance := largestOf(len(inside))
		own := max(0, z.variance-z.covariance)
		z.mean += math.Sqrt(own) * mean
		z.variance = z.covariance + own*variance
		share := 1 / float64(len(inside))
		if in.function.Value == nil {
			return Cell{z.mean, z.variance, z.covariance, z}, joint{share, share}
		}
		picked, any := pass(in.function, z), pass(in.function, meanLatent(in, inside))
		if any.slopeSecond > 0 {
			ratios, windows = ratios+picked.slopeSecond/any.slopeSecond, windows+1
		}
		return picked.cell, joint{share, share}
	})
	if windows > 0 {
		*in.chosen = ratios / windows
	}
	return out, pull, err
}

// avgPool2D: of n elements the mean keeps what all share, and 1/n of the rest.
func avgPool2D[F tensor.Float](l *nn.AvgPool2D[F], in Moments) (Moments, Pull, error) {
	shape, err := l.OutputShape(in.Shape)
	if err != nil {
		return Moments{}, nil, err
	}
	in.function = Function{} // a mean of several is nearer to normal than they are
	return pool(in, shape, l.Kernel, l.Stride, l.Padding, func(in Moments, inside []int) (Cell, joint) {
		n := float64(l.Kernel[0] * l.Kernel[1])
		if l.ExcludePadding {
			n = float64(len(inside))
		}
		var y Cell
		common := 0.0
		for _, p := range inside {
			x := in.cell(p)
			y.Mean += x.Mean / n
			y.Variance += max(0, x.Variance-x.Covariance) / (n * n)
			common += math.Sqrt(x.Covariance) / n
		}
		y.Covariance = common * common
		y.Variance += y.Covariance
		y.latent = normal{y.Mean, y.Variance, y.Covariance}
		return y, joint{1 / n, 1 / (n * n)}
	})
}

// pool makes one cell of each window. The rule returns it with the share of
// the gradient's first and second moments that each element of the window gets.
func pool(in Moments, shape []int, kernel, stride, padding [2]int, rule func(in Moments, inside []int) (Cell, joint)) (Moments, Pull, error) {
	win := window{
		kernel: kernel, stride: stride, padding: padding, dilation: [2]int{1, 1},
		in: [2]int{in.Shape[1], in.Shape[2]}, out: [2]int{shape[1], shape[2]},
	}
	cells, shares := make([]Cell, shape[1]*shape[2]), make([]joint, shape[1]*shape[2])
	type key struct {
		places int
		cell   normal
	}
	known := map[key]int{} // windows of one kind of cells
	for i := range cells {
		var inside []int
		win.each(i, func(_, place int) { inside = append(inside, place) })
		if len(in.Cells) == 1 {
			k := key{len(inside), in.Cells[0].latent}
			if first, ok := known[k]; ok {
				cells[i], shares[i] = cells[first], shares[first]
				continue
			}
			known[k] = i
		}
		cells[i], shares[i] = rule(in, inside)
	}
	pull := func(g []float64) []float64 {
		dx := make([]float64, win.in[0]*win.in[1])
		for i := range cells {
			win.each(i, func(_, place int) { dx[place] += shares[i].cross * at(g, i) })
		}
		return dx
	}
	function := in.function
	out := in.of(shape, cells)
	for i := range cells {
		out.Cells[i].latent = cells[i].latent
	}
	for r, list := range in.shared {
		for i := range cells {
			n, sum := 0.0, joint{}
			win.each(i, func(_, place int) {
				s := list[min(place, len(list)-1)]
				sum.same += s.same
				sum.cross += s.cross
				n++
			})
			share := shares[i].same
			out.shared[r][i] = joint{sum.same / n * share, sum.cross / n * share}
		}
	}
	out.function = function
	return out, pull, nil
}

// meanLatent is the mean of the latents in a window.
func meanLatent(in Moments, inside []int) normal {
	var z normal
	n := float64(len(inside))
	for _, p := range inside {
		x := in.cell(p).latent
		z.mean += x.mean / n
		z.variance += x.variance / n
		z.covariance += x.covariance / n
	}
	return z
}

// largestOf returns the mean and variance of the largest of n ≥ 1 independent
// standard normals, whose density is n·φ(t)·Φ(t)ⁿ⁻¹.
func largestOf(n int) (mean, variance float64) {
	e := expect(0, 1, 2, func(t, _ float64, v []float64) {
		w := float64(n) * math.Pow(normalCDF(t), float64(n-1))
		v[0], v[1] = w*t, w*t*t
	}, nil)
	return e[0], e[1] - e[0]*e[0]
}
