package losses

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Temperature is the best T of softmax(z/T) on a set, with the proof that it
// is. As a function of β = 1/T ≥ 0 the mean negative log-likelihood is convex,
// so one sign change of its derivative is the minimum.
type Temperature struct {
	Inverse    float64  // β: 0 where the uniform answer is best, +Inf where all labels are largest
	Before     float64  // mean negative log-likelihood at β = 1, in nats
	After      float64  // at Inverse; never above Before
	Derivative float64  // of the mean negative log-likelihood in β, at Inverse
	Bracket    Interval // β* lies in it: the derivative is ≤ 0 at its low and ≥ 0 at its high end
	Gap        float64  // After exceeds the minimum by at most this
}

// Temperature returns T = 1/β, which may be 0 or +Inf.
func (t *Temperature) Temperature() float64 { return 1 / t.Inverse }

// Apply returns z/T. At T = 0 the largest logits of a row share it alone.
func (t *Temperature) Apply(z Logits) Logits {
	if !math.IsInf(t.Inverse, 1) {
		return Logits{z.apply(func(v float64) float64 {
			if t.Inverse == 0 {
				return 0 // 0·(−Inf) is NaN
			}
			return v * t.Inverse
		})}
	}
	r := Logits{z.like()}
	for i := range z.Rows() {
		m := maximum(z.Row(i))
		for k, v := range z.Row(i) {
			if v < m {
				r.Row(i)[k] = math.Inf(-1)
			}
		}
	}
	return r
}

// FitTemperature minimises the mean negative log-likelihood of the labels
// under softmax(βz) over β ≥ 0, by Newton's method kept inside a bracket of
// the minimum. The logits are finite. Its cases:
//
//   - every label has a largest logit, some logits differ: β = +Inf (T = 0);
//   - labels have logits at or below the row means on average: β = 0 (T = +Inf);
//   - all logits of each row are equal: every β is the same, and 1 is returned;
//   - else β is finite, positive and unique.
//
// Source: Guo et al., ICML 2017; docs/kl-cross-entropy.md.
func FitTemperature(z Logits, labels []int) (*Temperature, error) {
	f, err := newLikelihood(z, labels)
	if err != nil {
		return nil, err
	}
	t := &Temperature{}
	t.Before, _, _ = f.at(1)
	settle := func(beta float64) (*Temperature, error) {
		t.Inverse, t.Bracket = beta, Interval{beta, beta}
		return t, nil
	}
	if f.scale == 0 {
		t.After = t.Before
		return settle(1)
	}
	if f.separable {
		t.After = f.limit
		return settle(math.Inf(1))
	}
	v, g, _ := f.at(0)
	if g >= 0 {
		t.After, t.Derivative = v, g
		return settle(0)
	}
	beta, lo, hi := f.minimise()
	t.After, t.Derivative, _ = f.at(beta)
	t.Inverse, t.Bracket = beta, Interval{lo, hi}
	if t.After > t.Before { // by rounding, where β = 1 is the minimum
		t.Inverse, t.After = 1, t.Before
		_, t.Derivative, _ = f.at(1)
		t.Bracket = Interval{min(lo, 1), max(hi, 1)}
	}
	t.Gap = math.Abs(t.Derivative) * max(t.Bracket.High-t.Inverse, t.Inverse-t.Bracket.Low)
	return t, nil
}

// likelihood is the mean negative log-likelihood as a function of β. The
// logits are kept less their row maxima, so that nothing overflows.
type likelihood struct {
	Table
	label     []int
	scale     float64 // the largest |logit − maximum|
	separable bool    // every label has a largest logit
	limit     float64 // the value at β = +Inf, where separable
}

func newLikelihood(z Logits, labels []int) (*likelihood, error) {
	if err := z.check(); err != nil {
		return nil, err
	}
	if err := checkLabels(labels, z.Rows(), z.Classes); err != nil {
		return nil, err
	}
	if len(labels) == 0 {
		return nil, domain.Errorf(domain.ShapeMismatch, "no rows: want at least one")
	}
	f := &likelihood{Table: z.like(), label: labels, separable: true}
	for i, y := range labels {
		m, ties := maximum(z.Row(i)), 0
		for k, v := range z.Row(i) {
			if math.IsInf(v, 0) {
				return nil, domain.Errorf(domain.InvalidParameter, "logit %d of row %d is %v: want finite logits", k, i, v)
			}
			f.Row(i)[k] = v - m
			f.scale = max(f.scale, m-v)
			if v == m {
				ties++
			}
		}
		f.separable = f.separable && z.Row(i)[y] == m
		f.limit += math.Log(float64(ties)) / float64(len(labels))
	}
	if math.IsInf(f.scale, 0) {
		return nil, domain.Errorf(domain.InvalidParameter, "logits of a row differ by more than %v: want them closer", math.MaxFloat64)
	}
	return f, nil
}

// at returns the value, the first and the second derivative at β.
func (f *likelihood) at(beta float64) (v, g, h float64) {
	sums := sumRows(f.Rows(), 3, 0, func(acc, _ []float64, i int) {
		// The 1 of a maximum stays out of the sum: see logSoftmax.
		var rest, sa, saa float64
		seen := false
		for _, a := range f.Row(i) {
			if a == 0 && !seen {
				seen = true
				continue
			}
			e := math.Exp(beta * a)
			rest += e
			sa += e * a
			saa += e * a * a
		}
		label := f.Row(i)[f.label[i]]
		mean := sa / (1 + rest)
		acc[0] += math.Log1p(rest) - beta*label
		acc[1] += mean - label
		acc[2] += saa/(1+rest) - mean*mean
	})
	n := float64(f.Rows())
	return sums[0] / n, sums[1] / n, sums[2] / n
}

// minimise returns β* > 0 with a bracket of it; the derivative is < 0 at 0 and
// > 0 far out.
func (f *likelihood) minimise() (beta, lo, hi float64) {
	hi = 1 / f.scale
	for {
		if _, g, _ := f.at(hi); g >= 0 || math.IsInf(hi, 1) {
			break
		}
		lo, hi = hi, 2*hi
	}
	beta = lo + (hi-lo)/2
	for range 200 {
		_, g, h := f.at(beta)
		if g >= 0 {
			hi = beta
		} else {
			lo = beta
		}
		next := beta - g/h
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		moved := math.Abs(next - beta)
		beta = next
		if moved <= 1e-15*beta || hi-lo <= 1e-15*hi {
			break
		}
	}
	// Newton closes in from one side; close the other to make the bracket proof.
	for width := 1e-12; width < 1; width *= 10 {
		if at := beta * (1 - width); at > lo {
			if _, g, _ := f.at(at); g > 0 {
				continue
			}
			lo = at
		}
		if at := beta * (1 + width); at < hi {
			if _, g, _ := f.at(at); g < 0 {
				continue
			}
			hi = at
		}
		break
	}
	return beta, lo, hi
}
