package losses

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
)

// LogProbs returns z − lse(z), row by row, with the maximum taken out first:
// nothing overflows.
func (z Logits) LogProbs() LogProbs {
	l := LogProbs{z.like()}
	for i := range z.Rows() {
		logSoftmax(l.Row(i), z.Row(i))
	}
	return l
}

// Probs returns softmax(z), row by row.
func (z Logits) Probs() Probs { return z.LogProbs().Probs() }

// Probs returns exp(l).
func (l LogProbs) Probs() Probs { return Probs{l.apply(math.Exp)} }

// LogProbs returns log p; the logarithm of 0 is −Inf.
func (p Probs) LogProbs() LogProbs { return LogProbs{p.apply(math.Log)} }

// Logits returns l as logits, of which it is one choice among those that
// differ by a constant per row.
func (l LogProbs) Logits() Logits { return Logits(l) }

// Argmax returns the class of the largest entry of each row, the lowest among
// equals.
func (t Table) Argmax() []int {
	labels := make([]int, t.Rows())
	for i := range labels {
		row := t.Row(i)
		for k, v := range row {
			if v > row[labels[i]] {
				labels[i] = k
			}
		}
	}
	return labels
}

// Normalise returns the rows divided by their sums: probabilities from counts,
// or from float32 probabilities, which miss 1 by more than [Tolerance]. It
// returns an error if an entry is negative or a sum is 0 or infinite.
func (t Table) Normalise() (Probs, error) {
	if err := t.check(); err != nil {
		return Probs{}, err
	}
	p := Probs{t.like()}
	for i := range t.Rows() {
		var sum float64
		for _, v := range t.Row(i) {
			if v < 0 {
				return Probs{}, domain.Errorf(domain.InvalidDistribution, "row %d holds %v: want it ≥ 0", i, v)
			}
			sum += v
		}
		if !(sum > 0) || math.IsInf(sum, 0) {
			return Probs{}, domain.Errorf(domain.InvalidDistribution, "row %d sums to %v: want a positive number", i, sum)
		}
		for k, v := range t.Row(i) {
			p.Row(i)[k] = v / sum
		}
	}
	return p, nil
}

func (t Table) like() Table { return Table{Classes: t.Classes, Data: simd.Make[float64](len(t.Data))} }

func (t Table) apply(f func(float64) float64) Table {
	r := t.like()
	for i, v := range t.Data {
		r.Data[i] = f(v)
	}
	return r
}

func maximum(z []float64) float64 {
	m := math.Inf(-1)
	for _, v := range z {
		m = max(m, v)
	}
	return m
}

// logSoftmax takes the maximum out first: z − (m + log Σ) would lose the digits
// that a large m does not share with the answer. The 1 of the maximum stays
// out of the sum, so that log-probabilities near 0 keep theirs.
func logSoftmax(dst, z []float64) {
	m := maximum(z)
	rest, seen := 0.0, false
	for _, v := range z {
		if v == m && !seen {
			seen = true
			continue
		}
		rest += math.Exp(v - m)
	}
	log := math.Log1p(rest)
	for k, v := range z {
		dst[k] = v - m - log
	}
}
