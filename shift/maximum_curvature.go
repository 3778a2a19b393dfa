package shift

import (
	"github.com/gradus-ml/gradus/internal/parallel"
)

// curvature returns −∇²L̄ of the penalised objective, row after row:
// H_kj = mean_i R_ik R_ij/(R π)_i².
func (o *penalised) curvature(prior []float64) []float64 {
	largest := o.scale(prior)
	classes := len(prior)
	const limit = 1 << 24 // of all sums of the blocks together
	c := &curvature{likelihood: o.likelihood, size: max(blockRows, o.p.Rows()*classes/limit*classes)}
	blocks := parallel.Blocks(o.p.Rows(), c.size)
	c.parts = make([]float64, blocks*classes*classes)
	parallel.Run(blocks, c)
	h := make([]float64, classes*classes)
	for at, v := range c.parts {
		h[at%len(h)] += v
	}
	n := float64(o.p.Rows())
	for k := range classes {
		for j := range k + 1 {
			v := h[k*classes+j]
			if v != 0 { // a class of training prior 0 has no curvature
				v = v / n / largest / o.train[k] / largest / o.train[j] / o.total
			}
			h[k*classes+j], h[j*classes+k] = v, v
		}
	}
	for k, a := range o.extra {
		if a > 0 {
			h[k*classes+k] += a / prior[k] / prior[k] / o.total
		}
	}
	return h
}

type curvature struct {
	*likelihood
	size  int       // rows of a block
	parts []float64 // [blocks][classes][classes]
}

// Block sums the lower half of u uᵀ over one block of rows, u = p/(Σ w p).
func (c *curvature) Block(b int) {
	lo, hi := parallel.Span(b, c.size, c.p.Rows())
	classes := c.p.Classes
	h := c.parts[b*classes*classes : (b+1)*classes*classes]
	u := make([]float64, classes)
	for i := lo; i < hi; i++ {
		var d float64
		row := c.p.Row(i)
		for k, v := range row {
			d += v * c.weights[k]
		}
		for k, v := range row {
			u[k] = v / d
		}
		for k, v := range u {
			line := h[k*classes : k*classes+k+1]
			for j := range line {
				line[j] += v * u[j]
			}
		}
	}
}
