package losses

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// BiasCorrected is temperature scaling with one bias per class:
// softmax(βz + b). It corrects the average of each class as well as the
// confidence, which the estimates of shifted priors need.
type BiasCorrected struct {
	Inverse       float64   // β ≥ 0
	Bias          []float64 // b, of sum 0
	Before, After float64   // mean negative log-likelihood, in nats; After is never above Before
	GradientNorm  float64   // largest |partial derivative| of the objective that is free to move
	Iterations    int
}

// Apply returns βz + b.
func (c *BiasCorrected) Apply(z Logits) Logits {
	r := Logits{z.like()}
	for at, v := range z.Data {
		r.Data[at] = c.Bias[at%z.Classes]
		if c.Inverse != 0 { // 0·(−Inf) is NaN
			r.Data[at] += c.Inverse * v
		}
	}
	return r
}

// FitBiasCorrected minimises, over β ≥ 0 and b,
//
//	mean_i −log softmax(βz_i + b)[y_i] + (ridge/2)·((β−1)² + ‖b‖²)
//
// which is convex, by Newton's method with backtracking. With ridge > 0 the
// minimiser exists and is unique; 1e-6 hardly moves it. With ridge = 0 it
// returns an invalid_parameter where none exists: a class without a label, or
// labels that can be separated. Source: Alexandari, Kundaje and Shrikumar,
// ICML 2020.
func FitBiasCorrected(z Logits, labels []int, ridge float64) (*BiasCorrected, error) {
	f, err := newLikelihood(z, labels)
	if err != nil {
		return nil, err
	}
	if !(ridge >= 0) || math.IsInf(ridge, 0) {
		return nil, domain.Errorf(domain.InvalidParameter, "ridge is %v: want it finite and ≥ 0", ridge)
	}
	o := &biasObjective{f, ridge, true}
	x := make([]float64, z.Classes+1) // b, then β
	x[z.Classes] = 1
	c := &BiasCorrected{}
	c.Before, _, _ = o.at(x, false)
	steps, err := o.minimise(x)
	if err == nil && x[z.Classes] < 0 {
		// The objective is convex, so with β < 0 free the best β ≥ 0 is 0.
		x[z.Classes], o.scaled = 0, false
		var more int
		more, err = o.minimise(x)
		steps += more
	}
	if err != nil {
		return nil, err
	}
	value, gradient, _ := o.at(x, true)
	c.Inverse, c.Bias, c.Iterations = x[z.Classes], x[:z.Classes:z.Classes], steps
	var mean float64
	for _, b := range c.Bias {
		mean += b / float64(z.Classes)
	}
	for k := range c.Bias {
		c.Bias[k] -= mean
		value -= ridge / 2 * c.Bias[k] * c.Bias[k]
	}
	c.After = value - ridge/2*(c.Inverse-1)*(c.Inverse-1)
	for _, g := range gradient {
		c.GradientNorm = max(c.GradientNorm, math.Abs(g))
	}
	if c.After > c.Before { // by rounding, where nothing is to be gained
		c.Inverse, c.Bias, c.After = 1, make([]float64, z.Classes), c.Before
	}
	return c, nil
}

type biasObjective struct {
	*likelihood
	ridge  float64
	scaled bool // β moves too
}

// at returns the objective, and with derivatives its gradient and Hessian. The
// Hessian has the gauge 11ᵀ added in b, which moves no Newton step but makes
// it regular: the objective does not change along b + c·1 but for the ridge.
func (o *biasObjective) at(x []float64, derivatives bool) (value float64, gradient, hessian []float64) {
	classes := o.Classes
	n := classes + 1
	width := 1
	if derivatives {
		width = 1 + n + n*n
	}
	beta := x[classes]
	sums := sumRows(o.Rows(), width, classes, func(acc, p []float64, i int) {
		row, y := o.Row(i), o.label[i]
		m := math.Inf(-1)
		for k, a := range row {
			m = max(m, beta*a+x[k])
		}
		var s, sa float64
		for k, a := range row {
			p[k] = math.Exp(beta*a + x[k] - m)
			s += p[k]
			sa += p[k] * a
		}
		acc[0] += math.Log(s) + m - beta*row[y] - x[y]
		if !derivatives {
			return
		}
		mean := sa / s
		g, h := acc[1:1+n], acc[1+n:]
		g[y]--
		g[classes] += mean - row[y]
		for k, a := range row {
			p[k] /= s
			g[k] += p[k]
			h[k*n+k] += p[k]
			h[classes*n+k] += p[k] * (a - mean)
			h[classes*n+classes] += p[k] * (a - mean) * (a - mean)
			for j, q := range p[:k+1] {
				h[k*n+j] -= p[k] * q
			}
		}
	})
	for at := range sums {
		sums[at] /= float64(o.Rows())
	}
	value = sums[0] + o.ridge/2*(beta-1)*(beta-1)
	for _, b := range x[:classes] {
		value += o.ridge / 2 * b * b
	}
	if !derivatives {
		return value, nil, nil
	}
	gradient, hessian = sums[1:1+n], sums[1+n:]
	for k := range classes {
		gradient[k] += o.ridge * x[k]
		hessian[k*n+k] += o.ridge
		for j := range k + 1 {
			hessian[k*n+j] += 1 / float64(classes)
		}
	}
	gradient[classes] += o.ridge * (beta - 1)
	hessian[classes*n+classes] += o.ridge
	if !o.scaled {
		gradient[classes] = 0
		for j := range classes {
			hessian[classes*n+j] = 0
		}
		hessian[classes*n+classes] = 1
	}
	return value, gradient, hessian
}

// minimise moves x to the minimum and returns the number of Newton steps.
func (o *biasObjective) minimise(x []float64) (int, error) {
	trial, last := make([]float64, len(x)), math.Inf(1)
	const limit = 100
	for step := range limit {
		value, gradient, hessian := o.at(x, true)
		if o.separated(hessian) || !cholesky(hessian, len(x)) {
			return step, domain.Errorf(domain.InvalidParameter, "the likelihood has no single minimum: want ridge > 0, or labels of every class that the logits do not separate")
		}
		direction := solveCholesky(hessian, gradient)
		var decrement float64
		for k, d := range direction {
			decrement += d * gradient[k]
		}
		// Half the decrement estimates what is left to gain. Once it is below
		// what differences of the value can show, full steps shrink it
		// quadratically until rounding stops them.
		tiny := 1e-10 * (1 + math.Abs(value))
		if decrement <= 1e-16*tiny || decrement <= tiny && decrement >= last/2 {
			return step, nil
		}
		last = decrement
		for t := 1.0; ; t /= 2 {
			for k := range x {
				trial[k] = x[k] - t*direction[k]
			}
			if v, _, _ := o.at(trial, false); decrement <= tiny || v <= value-1e-4*t*decrement || t < 1e-10 {
				copy(x, trial)
				break
			}
		}
	}
	return limit, domain.Errorf(domain.InvalidParameter, "no minimum within %d steps: the labels can be separated, want ridge > 0", limit)
}

// separated reports whether some class has become certain in every row, on
// the way to an infinite bias: at a finite minimum its mean p(1−p) is about
// 1/rows or more.
func (o *biasObjective) separated(hessian []float64) bool {
	for k := range o.Classes {
		if at := k * (o.Classes + 2); hessian[at]-1/float64(o.Classes) < 1e-12 && o.ridge == 0 {
			return true
		}
	}
	return false
}
