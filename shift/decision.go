package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
)

// Cost is a loss matrix [decisions][classes]: Cost[d][y] is paid for decision
// d where y is true. Decisions need not be classes. +Inf forbids a decision
// unless y is impossible.
type Cost [][]float64

// ZeroOne returns the cost of being wrong: 0 on the diagonal, 1 elsewhere. Its
// best decision is the most probable class.
func ZeroOne(classes int) Cost {
	c := make(Cost, classes)
	for d := range c {
		c[d] = make([]float64, classes)
		for y := range c[d] {
			if y != d {
				c[d][y] = 1
			}
		}
	}
	return c
}

// WithReject returns c and one more decision, to reject, that costs the same
// whatever is true. With [ZeroOne] it is Chow's rule: reject where the largest
// posterior is below 1 − cost.
func (c Cost) WithReject(cost float64) Cost {
	if len(c) == 0 {
		return c // which Decide refuses
	}
	row := make([]float64, len(c[0]))
	for y := range row {
		row[y] = cost
	}
	return append(c[:len(c):len(c)], row)
}

// Decided are the best decisions and what each decision would cost.
type Decided struct {
	Risk      [][]float64 // Σ_y Cost[d][y] p(y|x) [rows][decisions]
	Decisions []int       // of least risk, the lowest among equals
}

// Decide returns the decisions of least expected cost. Apply it to posteriors
// under the prior of the application: see [Reweight].
func (c Cost) Decide(p losses.Probs) (*Decided, error) {
	if len(c) == 0 {
		return nil, domain.Errorf(domain.ShapeMismatch, "a cost without decisions: want at least one")
	}
	for d, row := range c {
		if len(row) != p.Classes {
			return nil, domain.Errorf(domain.ShapeMismatch, "decision %d has costs for %d classes: want %d", d, len(row), p.Classes)
		}
		for y, v := range row {
			if math.IsNaN(v) || math.IsInf(v, -1) {
				return nil, domain.Errorf(domain.InvalidParameter, "decision %d has cost %v in class %d: want a number", d, v, y)
			}
		}
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	r := &Decided{Decisions: make([]int, p.Rows())}
	for i := range p.Rows() {
		risk := make([]float64, len(c))
		for d, row := range c {
			for y, v := range p.Row(i) {
				if v > 0 { // Inf·0 is NaN
					risk[d] += row[y] * v
				}
			}
			if risk[d] < risk[r.Decisions[i]] {
				r.Decisions[i] = d
			}
		}
		r.Risk = append(r.Risk, risk)
	}
	return r, nil
}

// Threshold returns the t such that the network's p(1|x) > t is the best
// decision for class 1 of two under the target prior and 0/1 loss:
// t = w_0/(w_0+w_1). The arguments are the priors of class 1, in [0, 1]. A
// class of target prior 0 is never decided: t is 0 or 1.
func Threshold(train1, target1 float64) (float64, error) {
	for _, p := range []float64{train1, target1} {
		if !(p >= 0 && p <= 1) {
			return 0, domain.Errorf(domain.InvalidDistribution, "prior %v of class 1: want it in [0, 1]", p)
		}
	}
	w, err := Weights([]float64{1 - train1, train1}, []float64{1 - target1, target1})
	if err != nil {
		return 0, err
	}
	largest := max(w[0], w[1])
	return w[0] / largest / (w[0]/largest + w[1]/largest), nil
}
