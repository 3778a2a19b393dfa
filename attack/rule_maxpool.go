package attack

import (
	"math"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// maximum is the rule of the maximum of each window.
type maximum struct{ pool tensor.Pooling }

// newMaximum is the rule of a MaxPool2D layer on images of a shape.
func newMaximum[F tensor.Float](l *nn.MaxPool2D[F], shape []int) *maximum {
	return &maximum{pooling(shape, l.Kernel, l.Stride, l.Padding)}
}

// forward: the maximum grows with each element, and rounds nothing.
func (m *maximum) forward(_ *network, out bounds, in []bounds) {
	part := gammaOf(2*len(in[0].lo)+64, unit64)
	m.windows(func(y int, window func(func(x int))) {
		lo, hi := math.Inf(-1), math.Inf(-1)
		window(func(x int) {
			lo, hi = larger(lo, in[0].lo[x]), larger(hi, in[0].hi[x])
		})
		out.lo[y], out.hi[y], out.slack[y] = lo, hi, part*math.Max(math.Abs(lo), math.Abs(hi))
	})
}

// backward: the maximum is at least the element with the greatest lower
// bound, and is that element if no other can reach it; else it is at most the
// greatest upper bound.
func (m *maximum) backward(c *tensor.Tensor[float64], rows []constant, inputs []*tensor.Tensor[float64], in []bounds) {
	x, dx := in[0], inputs[0]
	m.windows(func(y int, window func(func(x int))) {
		best, hi := -1, math.Inf(-1)
		window(func(at int) {
			if best < 0 || x.lo[at] > x.lo[best] {
				best = at
			}
			hi = larger(hi, x.hi[at])
		})
		certain := true
		window(func(at int) { certain = certain && (at == best || x.hi[at] <= x.lo[best]) })
		for k := range rows {
			v := c.Row(k)[y]
			if v < 0 && !certain {
				rows[k].add(v * hi)
			} else {
				dx.Row(k)[best] += v
			}
		}
	})
}

// windows calls do for each output, with a loop over the elements of its
// window inside the image.
func (m *maximum) windows(do func(y int, window func(func(x int)))) {
	g := m.pool
	y := 0
	for channel := range g.Channels {
		for row := range g.OutHeight() {
			for col := range g.OutWidth() {
				top, left := row*g.StrideH-g.PadH, col*g.StrideW-g.PadW
				do(y, func(visit func(int)) {
					for i := max(top, 0); i < min(top+g.KernelH, g.Height); i++ {
						for j := max(left, 0); j < min(left+g.KernelW, g.Width); j++ {
							visit((channel*g.Height+i)*g.Width + j)
						}
					}
				})
				y++
			}
		}
	}
}
