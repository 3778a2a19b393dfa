package attack

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// unit64 is the unit roundoff of float64: half a unit in the last place of 1.
const unit64 = 0x1p-53

// precision returns the unit roundoff of F and its largest number.
func precision[F tensor.Float]() (unit, largest float64) {
	if _, ok := any(F(0)).(float32); ok {
		return 0x1p-24, math.MaxFloat32
	}
	return unit64, math.MaxFloat64
}

// gammaOf is γ(n) = nu/(1−nu), by which n roundings change a sum of products at
// most, relative to the sum of absolute values.
func gammaOf(n int, unit float64) float64 {
	nu := float64(n) * unit
	if nu >= 0.5 {
		return math.Inf(1)
	}
	return nu / (1 - nu)
}

// bounds hold a value of the network: lo ≤ x ≤ hi in each element. Slack is
// what an element computed in F may differ from the exact operation on
// computed inputs, and what bounds of it may lose in float64.
type bounds struct{ lo, hi, slack []float64 }

func newBounds(n int) bounds {
	all := make([]float64, 3*n)
	return bounds{all[:n:n], all[n : 2*n : 2*n], all[2*n:]}
}

// reach is the greatest |x_i|.
func (b bounds) reach(i int) float64 { return math.Max(math.Abs(b.lo[i]), math.Abs(b.hi[i])) }

// widen gives every element its slack, and no bound at all where F overflows.
func (b bounds) widen(largest float64) {
	for i, s := range b.slack {
		b.lo[i] -= s
		b.hi[i] += s
		if !(b.reach(i) < largest) {
			b.lo[i], b.hi[i], b.slack[i] = math.Inf(-1), math.Inf(1), math.Inf(1)
		}
	}
}

// rule is how an operation moves bounds forwards and linear functions
// backwards.
type rule interface {
	// forward sets out, slack included but not yet added to lo and hi.
	forward(n *network, out bounds, in []bounds)

	// backward takes a lower bound linear in the output, a row of c each, to
	// one that is linear in the inputs: it adds coefficients to those of the
	// inputs and constants to the rows.
	backward(c *tensor.Tensor[float64], rows []constant, inputs []*tensor.Tensor[float64], in []bounds)
}

// constant is the constant of a linear lower bound, and the sum of the absolute
// values it was added up from.
type constant struct{ value, size float64 }

func (c *constant) add(v float64) {
	c.value += v
	c.size += math.Abs(v)
}

// region is a network with the bounds of its values over one ball.
type region struct {
	network *network
	image   []float64
	ball    Ball
	box     Box
	values  []bounds
	solver  solver
}

// bound computes the bounds of all values by a method.
func (n *network) bound(image []float64, ball Ball, box Box, method Method) *region {
	ball.Radius *= 1 + 0x1p-50
	r := &region{network: n, image: image, ball: ball, box: box}
	input := newBounds(len(image))
	for i, x := range image {
		input.lo[i] = math.Max(box.Lo, math.Nextafter(x-ball.Radius, math.Inf(-1)))
		input.hi[i] = math.Min(box.Hi, math.Nextafter(x+ball.Radius, math.Inf(1)))
	}
	r.values = []bounds{input}
	// In a value that is a box, the intervals of a linear function are exact.
	isBox, exact := []bool{math.IsInf(ball.P, 1)}, []bool{true}
	for i, op := range n.operations {
		if _, ok := op.rule.(leaky); ok && method == CROWN && !exact[op.inputs[0]] {
			r.refine(op.inputs[0])
		}
		in := make([]bounds, len(op.inputs))
		for k, v := range op.inputs {
			in[k] = r.values[v]
		}
		out := newBounds(n.sizes[i+1])
		op.rule.forward(n, out, in)
		out.widen(n.largest)
		r.values = append(r.values, out)
		_, diagonal := op.rule.(*diagonal)
		_, affine := op.rule.(affine)
		isBox = append(isBox, diagonal && isBox[op.inputs[0]])
		exact = append(exact, affine && isBox[op.inputs[0]])
	}
	return r
}

// refine tightens the bounds of the elements of a value whose sign is not
// certain.
func (r *region) refine(value int) {
	const together = 64 // rows at a time, for the memory of wide layers
	b := r.values[value]
	var unsure []int
	for i, lo := range b.lo {
		if lo < 0 && b.hi[i] > 0 {
			unsure = append(unsure, i)
		}
	}
	for at := 0; at < len(unsure); at += together {
		chunk := unsure[at:min(at+together, len(unsure))]
		spec := tensor.New[float64](2*len(chunk), len(b.lo))
		for k, i := range chunk {
			spec.Row(2 * k)[i], spec.Row(2*k + 1)[i] = 1, -1
		}
		lower := r.lower(value, spec)
		for k, i := range chunk {
			b.lo[i] = math.Max(b.lo[i], lower[2*k])
			b.hi[i] = math.Min(b.hi[i], -lower[2*k+1])
		}
	}
}
