package attack

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// lower returns lower bounds over the ball of the linear functions of a value
// that are the rows of spec, which it may overwrite: they are taken back
// through the operations to functions of the input, whose minimum is known.
func (r *region) lower(value int, spec *tensor.Tensor[float64]) []float64 {
	n, count := r.network, spec.Shape[0]
	coefficients := make([]*tensor.Tensor[float64], value+1)
	coefficients[value] = spec
	rows := make([]constant, count)
	for v := value; v > 0; v-- {
		c := coefficients[v]
		if c == nil {
			continue
		}
		op := n.operations[v-1]
		r.loosen(v, c, rows)
		inputs, in := make([]*tensor.Tensor[float64], len(op.inputs)), make([]bounds, len(op.inputs))
		for k, from := range op.inputs {
			if coefficients[from] == nil {
				coefficients[from] = tensor.New[float64](count, n.sizes[from])
			}
			inputs[k], in[k] = coefficients[from], r.values[from]
		}
		op.rule.backward(c, rows, inputs, in)
		coefficients[v] = nil
	}
	result := make([]float64, count)
	for k := range rows {
		c := coefficients[0].Row(k)
		for i, x := range r.image {
			rows[k].add(c[i] * x)
		}
		rows[k].add(r.least(c))
		result[k] = rows[k].value - rows[k].size*gammaOf(2*len(r.image)+16*value+64, unit64)
	}
	return result
}

// loosen takes the slack of a value off linear lower bounds of it. What the
// coefficients have lost to rounding on the way is a few units of float64.
func (r *region) loosen(v int, c *tensor.Tensor[float64], rows []constant) {
	b := r.values[v]
	total := make([]float64, len(b.slack))
	for i, s := range b.slack {
		total[i] = s + 8*unit64*b.reach(i)
	}
	for k := range rows {
		loss := 0.0
		for i, v := range c.Row(k) {
			loss += math.Abs(v) * total[i]
		}
		rows[k].add(-loss * (1 + gammaOf(len(total)+2, unit64)))
	}
}

// least returns a lower bound of ⟨g, δ⟩ over the ball and the box. It solves
// the problem and then takes the value of the dual at the prices that the
// solution shows, which is a bound whatever rounding did to them: for every
// 0 ≤ w ≤ |g|, ⟨g, δ⟩ ≥ −Radius·‖w‖_q − Σ(|g| − w)·room.
func (r *region) least(g []float64) float64 {
	s := &r.solver
	s.reset(len(g))
	copy(s.g, g)
	rooms(s.room, s.g, r.image, r.box)
	p, radius := r.ball.P, r.ball.Radius
	s.minimise(p, radius)
	// full reports whether the box holds an element, but for rounding.
	full := func(i int) bool { return math.Abs(s.delta[i]) >= s.room[i]*(1-1e-12) }
	price, at := 0.0, 0.0 // of the ball, and the move that shows it
	for i, v := range g {
		move := math.Abs(s.delta[i])
		switch {
		case v == 0 || full(i):
		case p == 1:
			price = math.Max(price, math.Abs(v))
		case move > at:
			price, at = math.Abs(v), move
		}
	}
	bound := 0.0
	for i, v := range g {
		size, w := math.Abs(v), 0.0
		switch {
		case !full(i):
			w = size
		case math.IsInf(p, 1):
			if s.room[i] >= radius {
				w = size
			}
		case p == 1:
			w = math.Min(size, price)
		case at > 0:
			w = math.Min(size, price*power(s.room[i]/at, p-1))
		}
		s.weight[i] = w
		if w != size {
			bound -= (size - w) * s.room[i]
		}
	}
	bound -= radius * Norm(s.weight, r.ball.dual())
	return bound * (1 + gammaOf(2*len(g)+64, unit64))
}
