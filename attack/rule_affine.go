package attack

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// affine is a rule y = W·x + b.
type affine interface {
	rule
	isAffine()
}

// linearMap is what the affine rules share: what they do with W, and how they
// bound with it.
type linearMap struct {
	bias  []float64 // of each element of the output, or nil
	extra []float64 // instead of |bias|, where it is a difference of larger numbers
	terms int       // products in the sum of an element

	// times sets y to W·x, or |W|·x for abs.
	times func(y, x []float64, abs bool)

	// transposed adds dy·W to dx, row by row.
	transposed func(dx, dy *tensor.Tensor[float64])
}

func (*linearMap) isAffine() {}

// forward: the centre of the box goes through W, its half width through |W|.
func (m *linearMap) forward(n *network, out bounds, in []bounds) {
	x := in[0]
	size := len(x.lo)
	work := make([]float64, 3*size+len(out.lo))
	centre, half, reach, y := work[:size], work[size:2*size], work[2*size:3*size], work[3*size:]
	for i, lo := range x.lo {
		centre[i] = lo + (x.hi[i]-lo)/2
		half[i] = math.Max(x.hi[i]-centre[i], centre[i]-lo)
		reach[i] = x.reach(i)
	}
	m.times(y, centre, false)
	m.times(out.hi, half, true)
	m.times(out.slack, reach, true)
	part := m.slack(n, len(out.lo))
	tiny := float64(m.terms+2) * 4 * smallest(n.unit)
	for i, half := range out.hi {
		b := 0.0
		if m.bias != nil {
			b = m.bias[i]
		}
		out.lo[i], out.hi[i] = y[i]+b-half, y[i]+b+half
		b = math.Abs(b)
		if m.extra != nil {
			b = m.extra[i]
		}
		out.slack[i] = part*(out.slack[i]+b) + tiny
	}
}

// slack is the part of Σ|w||x| + |b| that rounding may change: in the network
// in F, in these bounds, and in coefficients that go back through W.
func (m *linearMap) slack(n *network, outputs int) float64 {
	return 1.001 * (gammaOf(m.terms+2, n.unit) + gammaOf(2*m.terms+3*outputs+64, unit64))
}

// smallest is the smallest positive number of F: products may lose it.
func smallest(unit float64) float64 {
	if unit == unit64 {
		return math.SmallestNonzeroFloat64
	}
	return math.SmallestNonzeroFloat32
}

func (m *linearMap) backward(c *tensor.Tensor[float64], rows []constant, inputs []*tensor.Tensor[float64], _ []bounds) {
	m.transposed(inputs[0], c)
	if m.bias == nil {
		return
	}
	for k := range rows {
		constant := 0.0
		for i, v := range c.Row(k) {
			constant += v * m.bias[i]
		}
		rows[k].add(constant)
	}
}

// absolute returns |w|.
func absolute(w *tensor.Tensor[float64]) *tensor.Tensor[float64] {
	a := w.Clone()
	for i, v := range a.Data {
		a.Data[i] = math.Abs(v)
	}
	return a
}
