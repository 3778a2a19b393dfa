package attack

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// leaky is the rule of max(x, s·x) for a slope s that lies between low and
// high, which are one number but for the rounding of the slope: 0 for a ReLU.
type leaky struct{ low, high float64 }

// below and above bound the activation at x.
func (l leaky) below(x float64) float64 {
	if x > 0 {
		return x
	}
	return l.high * x
}

func (l leaky) above(x float64) float64 {
	if x > 0 {
		return x
	}
	return l.low * x
}

// forward: the activation grows with x.
func (l leaky) forward(n *network, out bounds, in []bounds) {
	x := in[0]
	part := gammaOf(2*len(x.lo)+64, unit64)
	if l.high > 0 {
		part += 2 * n.unit
	}
	for i, lo := range x.lo {
		out.lo[i], out.hi[i] = l.below(lo), l.above(x.hi[i])
		out.slack[i] = part * math.Max(math.Abs(out.lo[i]), math.Abs(out.hi[i]))
		if l.high > 0 {
			out.slack[i] += 4 * smallest(n.unit)
		}
	}
}

// backward puts the chord above the activation, which is convex, and below it
// the one of its two slopes that leaves less between. Where the sign of x is
// certain both are the activation itself.
func (l leaky) backward(c *tensor.Tensor[float64], rows []constant, inputs []*tensor.Tensor[float64], in []bounds) {
	x, dx := in[0], inputs[0]
	count, size := c.Shape[0], c.Shape[1]
	for i := range size {
		lower, upper, above := l.lines(x.lo[i], x.hi[i])
		for k := range count {
			switch v := c.Data[k*size+i]; {
			case v > 0:
				dx.Data[k*size+i] += v * lower
			case v < 0:
				dx.Data[k*size+i] += v * upper
				rows[k].add(v * above)
			case v != v:
				dx.Data[k*size+i] = v
			}
		}
	}
}

// lines returns the slope of a line through 0 below the activation between lo
// and hi, and slope and constant of one above it.
func (l leaky) lines(lo, hi float64) (lower, upper, above float64) {
	switch {
	case lo >= 0:
		return 1, 1, 0
	case hi <= 0:
		return l.high, l.low, 0
	}
	lower = l.high
	if hi > -lo {
		lower = 1
	}
	upper = (hi - l.low*lo) / (hi - lo)
	above = math.Max(hi-upper*hi, l.low*lo-upper*lo)
	return lower, upper, above + 8*unit64*math.Max(hi, -lo)
}

// sum is the rule of a + b.
type sum struct{}

func (sum) forward(n *network, out bounds, in []bounds) {
	part := 2*n.unit + gammaOf(2*len(out.lo)+64, unit64)
	for i := range out.lo {
		out.lo[i], out.hi[i] = in[0].lo[i]+in[1].lo[i], in[0].hi[i]+in[1].hi[i]
		out.slack[i] = part * (in[0].reach(i) + in[1].reach(i))
	}
}

func (sum) backward(c *tensor.Tensor[float64], _ []constant, inputs []*tensor.Tensor[float64], _ []bounds) {
	for _, to := range inputs {
		for i, v := range c.Data {
			to.Data[i] += v
		}
	}
}
