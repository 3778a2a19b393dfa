package losses

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// Entropies returns H(p) = −Σ_y p_y log p_y of each row, in nats. It lies in
// [0, log classes]; 0·log 0 is 0.
func Entropies(p Probs) []float64 {
	h := make([]float64, p.Rows())
	for i := range h {
		for _, v := range p.Row(i) {
			if v > 0 {
				h[i] -= v * math.Log(v)
			}
		}
	}
	return h
}

// CrossEntropies returns −Σ_y p*_y log p_y of each row, in nats: +Inf where
// the model excludes a class that the target holds possible. Classes of target
// 0 add nothing, whatever the model says of them.
func CrossEntropies(target Probs, model LogProbs) ([]float64, error) {
	if err := checkPair(target.Table, model.Table); err != nil {
		return nil, err
	}
	ce := make([]float64, target.Rows())
	for i := range ce {
		log := model.Row(i)
		for k, p := range target.Row(i) {
			if p > 0 {
				ce[i] -= p * log[k]
			}
		}
	}
	return ce, nil
}

// KLDivergences returns KL(p*‖p) = Σ_y p*_y log(p*_y/p_y) of each row, in
// nats: ≥ 0, and +Inf where the model excludes a class that the target holds
// possible.
//
// It is summed as Σ p* (e^d − 1 − d), d = log p − log p*, whose terms are all
// ≥ 0, so that it keeps its digits where both distributions nearly agree; the
// forms are equal because both sum to 1. Source: docs/kl-cross-entropy.md.
func KLDivergences(target Probs, model LogProbs) ([]float64, error) {
	if err := checkPair(target.Table, model.Table); err != nil {
		return nil, err
	}
	kl := make([]float64, target.Rows())
	for i := range kl {
		log := model.Row(i)
		for k, p := range target.Row(i) {
			kl[i] += bregmanTerm(p, log[k])
		}
	}
	return kl, nil
}

// ReverseKLDivergences returns KL(p‖p*) of each row. It seeks a mode of the
// target where [KLDivergences] covers all of it; the two have different
// minimisers unless the model can equal the target.
func ReverseKLDivergences(target Probs, model LogProbs) ([]float64, error) {
	return KLDivergences(model.Probs(), target.LogProbs())
}

// bregmanTerm returns q − p − p·log(q/p) for q = e^logq.
func bregmanTerm(p, logq float64) float64 {
	if p == 0 {
		return math.Exp(logq)
	}
	d := logq - math.Log(p)
	if d > 1 { // p·e^d could overflow in e^d
		return math.Exp(logq) - p - p*d
	}
	return p * expm1m(d)
}

// expm1m returns e^d − 1 − d without cancellation at 0.
func expm1m(d float64) float64 {
	if math.Abs(d) > 0.3 {
		return math.Expm1(d) - d
	}
	// The series Σ_{n≥2} dⁿ/n!, from its small end: 0.3¹⁶/16! is below 1e-21.
	var s float64
	for n := 16.0; n > 2; n-- {
		s = (s + 1) * d / n
	}
	return (s + 1) * d * d / 2
}

func checkPair(target, model Table) error {
	if target.Classes != model.Classes || len(target.Data) != len(model.Data) {
		return domain.Errorf(domain.ShapeMismatch, "targets [%d %d] and model [%d %d]: want the same shape",
			target.Rows(), target.Classes, model.Rows(), model.Classes)
	}
	return nil
}

// Split is the identity KL = CE − H, row by row and in expectation over the
// inputs: minimising either objective minimises the other, for they differ by
// the entropy of the targets, which no parameter of the model moves.
type Split struct {
	KL, CrossEntropy, Entropy                         []float64
	ExpectedKL, ExpectedCrossEntropy, ExpectedEntropy float64
}

// Expect returns the split of the targets p*(·|x) and a model p(·|x), and its
// expectation under the input weights p(x), a distribution over the rows. A
// row of weight 0 adds nothing, infinite or not.
// Source: docs/kl-cross-entropy.md.
func Expect(weights []float64, target Probs, model LogProbs) (*Split, error) {
	if err := checkPair(target.Table, model.Table); err != nil {
		return nil, err
	}
	if len(weights) != target.Rows() {
		return nil, domain.Errorf(domain.ShapeMismatch, "%d input weights for %d rows: want one for each", len(weights), target.Rows())
	}
	if err := checkDistribution(weights); err != nil {
		return nil, domain.Errorf(domain.InvalidDistribution, "input weights: %v", err)
	}
	if err := target.Check(); err != nil {
		return nil, domain.Errorf(domain.InvalidDistribution, "targets: %v", err)
	}
	s := &Split{Entropy: Entropies(target)}
	s.KL, _ = KLDivergences(target, model) // shapes are checked above
	s.CrossEntropy, _ = CrossEntropies(target, model)
	s.ExpectedKL = weighted(weights, s.KL)
	s.ExpectedCrossEntropy = weighted(weights, s.CrossEntropy)
	s.ExpectedEntropy = weighted(weights, s.Entropy)
	return s, nil
}

func weighted(weights, values []float64) float64 {
	var sum float64
	for i, w := range weights {
		if w > 0 { // 0·Inf would be NaN
			sum += w * values[i]
		}
	}
	return sum
}

// LogitGradient returns the gradient of the expected cross-entropy, and of the
// expected KL, in the logits: p(x)·(softmax(z) − p*), of the shape of z.
func LogitGradient(weights []float64, target Probs, z Logits) (Table, error) {
	if err := checkPair(target.Table, z.Table); err != nil {
		return Table{}, err
	}
	if len(weights) != z.Rows() {
		return Table{}, domain.Errorf(domain.ShapeMismatch, "%d input weights for %d rows: want one for each", len(weights), z.Rows())
	}
	g := z.Probs().Table
	for i, w := range weights {
		row := g.Row(i)
		for k, p := range target.Row(i) {
			row[k] = w * (row[k] - p)
		}
	}
	return g, nil
}
