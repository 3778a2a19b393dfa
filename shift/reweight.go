package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
)

// Reweighted is a set of posteriors under another prior.
type Reweighted struct {
	Posterior losses.Probs
	Decisions []int // the most probable class of each row, the lowest among equals
	// DensityRatio is p*(x)/p(x) of each row; nil unless both priors sum to 1
	// within [losses.Tolerance].
	DensityRatio []float64
}

// Reweight returns w_y p(y|x)/Z(x) with w_y = target_y/train_y and
// Z(x) = Σ_y w_y p(y|x), which is the density ratio. See [Weights] for the
// priors. A posterior of exactly 0 stays 0. It returns a zero_normaliser that
// names the first row that is impossible under the target prior.
// Source: docs/prior-shift.md; Saerens, Latinne and Decaestecker 2002.
func Reweight(p losses.Probs, train, target []float64) (*Reweighted, error) {
	w, err := weightsFor(p.Table, train, target)
	if err != nil {
		return nil, err
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	r := &Reweighted{Posterior: losses.Probs{Table: losses.Table{Classes: p.Classes, Data: make([]float64, len(p.Data))}}}
	ratio := make([]float64, p.Rows())
	for i := range ratio {
		if ratio[i] = reweightRow(r.Posterior.Row(i), p.Row(i), w); ratio[i] == 0 {
			return nil, domain.Errorf(domain.ZeroNormaliser, "row %d has no mass on the classes of the target prior", i)
		}
	}
	r.Decisions = r.Posterior.Argmax()
	if sumsToOne(train) && sumsToOne(target) {
		r.DensityRatio = ratio
	}
	return r, nil
}

// reweightRow writes w·p/Σ w·p and returns the sum, 0 if there is no mass.
func reweightRow(dst, p, w []float64) (z float64) {
	for k, v := range p {
		dst[k] = w[k] * v
		z += dst[k]
	}
	if z > 1e-280 && z < 1e300 {
		for k := range dst {
			dst[k] /= z
		}
		return z
	}
	// The products may have lost digits below the range of float64.
	m := math.Inf(-1)
	for k, v := range p {
		dst[k] = math.Log(w[k]) + math.Log(v)
		m = max(m, dst[k])
	}
	if math.IsInf(m, -1) {
		return 0
	}
	var sum float64
	for k := range dst {
		dst[k] = math.Exp(dst[k] - m)
		sum += dst[k]
	}
	for k := range dst {
		dst[k] /= sum
	}
	return max(math.Exp(m)*sum, math.SmallestNonzeroFloat64)
}

// ReweightLogits returns the log-posteriors under another prior,
// z_y + log w_y less its log-sum-exp, all of it in the log domain: logits of any
// size and priors down to the smallest number keep their digits. Errors are
// those of [Reweight].
func ReweightLogits(z losses.Logits, train, target []float64) (losses.LogProbs, error) {
	w, err := weightsFor(z.Table, train, target)
	if err != nil {
		return losses.LogProbs{}, err
	}
	if err := z.Check(); err != nil {
		return losses.LogProbs{}, err
	}
	moved := losses.Logits{Table: losses.Table{Classes: z.Classes, Data: make([]float64, len(z.Data))}}
	for i := range z.Rows() {
		largest := math.Inf(-1)
		for k, v := range z.Row(i) {
			moved.Row(i)[k] = v + math.Log(w[k])
			largest = max(largest, moved.Row(i)[k])
		}
		if math.IsInf(largest, -1) {
			return losses.LogProbs{}, domain.Errorf(domain.ZeroNormaliser, "row %d has no mass on the classes of the target prior", i)
		}
	}
	return moved.LogProbs(), nil
}

func weightsFor(t losses.Table, train, target []float64) ([]float64, error) {
	if len(train) != t.Classes {
		return nil, domain.Errorf(domain.ShapeMismatch, "training prior of %d classes for rows of %d", len(train), t.Classes)
	}
	return Weights(train, target)
}

func sumsToOne(v []float64) bool {
	var sum float64
	for _, x := range v {
		sum += x
	}
	return math.Abs(sum-1) <= losses.Tolerance
}
