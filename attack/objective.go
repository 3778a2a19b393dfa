package attack

import (
	"math"

	"github.com/gradus-ml/gradus/tensor"
)

// Objective is what an attack descends on, a function of the logits z and a
// class y.
type Objective int

// The objectives. In each, a target class is raised instead of a label lowered
// by a change of sign.
const (
	// LogProbability is log softmax(z)_y. Its gradient in z is
	// (1 − p_y)·(e_y − softmax of the other classes), and the direction does
	// not need the factor: it is exact however sure the network is, where
	// e_y − p in the network's precision is 0.
	LogProbability Objective = iota

	// Margin is (z_y − max of the others)/(z_(1) − z_(3)), the logits in
	// decreasing order: the difference of logits ratio, which no rescaling of
	// the logits changes. With fewer than three classes the denominator is 1.
	// Source: Croce and Hein 2020.
	Margin
)

// String returns the objective's name.
func (o Objective) String() string {
	switch o {
	case LogProbability:
		return "log-probability"
	case Margin:
		return "margin"
	}
	return "unknown objective"
}

// row returns the objective at one row of logits z, and writes to gradient
// the gradient in z without its factor, which it returns too. Odds are room for
// as many numbers.
func row[F tensor.Float](o Objective, gradient, z []F, y int, odds []float64) (value, factor float64) {
	if o == Margin {
		return margin(gradient, z, y), 1
	}
	others := math.Inf(-1)
	for c, v := range z {
		if c != y {
			others = larger(others, float64(v))
		}
	}
	sum := 0.0
	for c, v := range z {
		if c != y {
			odds[c] = math.Exp(float64(v) - others)
			sum += odds[c]
		}
	}
	// gap is the log-odds against y.
	gap := others + math.Log(sum) - float64(z[y])
	if math.IsInf(others, -1) { // no other class is possible
		clear(gradient)
		return 0 * float64(z[y]), 0
	}
	for c := range z {
		gradient[c] = F(-odds[c] / sum)
	}
	gradient[y] = 1
	if gap != gap {
		gradient[y] = F(gap)
	}
	if gap > 0 {
		e := math.Exp(-gap)
		return -gap - math.Log1p(e), 1 / (1 + e)
	}
	e := math.Exp(gap)
	return -math.Log1p(e), e / (1 + e)
}

// larger is the maximum, NaN if either is.
func larger(a, b float64) float64 {
	if b > a || b != b {
		return b
	}
	return a
}

// margin is row for [Margin].
func margin[F tensor.Float](gradient, z []F, y int) float64 {
	clear(gradient)
	rival := -1
	top := [3]int{-1, -1, -1} // of the largest logits
	for c, v := range z {
		if v != v {
			for i := range gradient {
				gradient[i] = v
			}
			return math.NaN()
		}
		if c != y && (rival < 0 || v > z[rival]) {
			rival = c
		}
		for k, at := range top {
			if at < 0 || v > z[at] {
				copy(top[k+1:], top[k:2])
				top[k] = c
				break
			}
		}
	}
	if rival < 0 {
		return math.Inf(1)
	}
	value := float64(z[y]) - float64(z[rival])
	gradient[y]++
	gradient[rival]--
	if top[2] < 0 {
		return value
	}
	// The scale of the gradient does not matter, so that it is taken of
	// value·denominator.
	denominator := float64(z[top[0]]) - float64(z[top[2]]) + 1e-12
	value /= denominator
	gradient[top[0]] -= F(value)
	gradient[top[2]] += F(value)
	return value
}

// argmax returns the class of the largest logit, the first of equal ones, or
// -1 if one is NaN.
func argmax[F tensor.Float](z []F) int {
	best := 0
	for c, v := range z {
		if v != v {
			return -1
		}
		if v > z[best] {
			best = c
		}
	}
	return best
}
