package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"gonum.org/v1/gonum/mat"
)

// BoxEstimate is what a confusion matrix says of the priors of unlabelled data.
type BoxEstimate struct {
	Weights   []float64 // w = C⁻¹μ, or its regularised form; may be < 0 on samples
	Prior     []float64 // w_j p(j); may be < 0 on samples
	Clipped   []float64 // max(w, 0)·p normalised: a distribution
	Condition float64   // of C, its largest over its smallest singular value
}

// BBSE solves C w = μ for the weights w_j = p*(j)/p(j), where μ is the share
// of each prediction on the target. It is exact for exact C and μ, calibrated
// or not. It returns a singular with the condition number where C has no
// inverse, which also means that predictions do not tell some classes apart.
// Source: Lipton, Wang and Smola, ICML 2018; docs/prior-shift.md.
func BBSE(c *Confusion, predicted []float64) (*BoxEstimate, error) {
	m, err := c.matrix(predicted)
	if err != nil {
		return nil, err
	}
	e := &BoxEstimate{Condition: condition(m)}
	if e.Condition > 1e14 {
		return nil, domain.Errorf(domain.Singular, "the confusion matrix has condition number %.3g: predictions do not tell its classes apart", e.Condition)
	}
	w := mat.NewVecDense(len(predicted), nil)
	if err := w.SolveVec(m, mat.NewVecDense(len(predicted), append([]float64(nil), predicted...))); err != nil {
		return nil, domain.Errorf(domain.Singular, "the confusion matrix: %v", err)
	}
	return e.finish(m, w.RawVector().Data)
}

// RLLS returns the weights 1 + θ, where θ minimises ‖Cθ − (μ − C1)‖ + Δ‖θ‖
// with both norms Euclidean: an unreliable C is trusted less, and with Δ large
// enough the answer is that nothing shifted. Δ ≥ 0; with Δ = 0 it is [BBSE]
// where C has an inverse, and the shortest θ where it has none. Source:
// Azizzadenesheli et al., ICLR 2019.
func RLLS(c *Confusion, predicted []float64, delta float64) (*BoxEstimate, error) {
	m, err := c.matrix(predicted)
	if err != nil {
		return nil, err
	}
	if !(delta >= 0) || math.IsInf(delta, 0) {
		return nil, domain.Errorf(domain.InvalidParameter, "regularisation is %v: want it finite and ≥ 0", delta)
	}
	n := len(predicted)
	b := make([]float64, n)
	for i := range b {
		b[i] = predicted[i] - mat.Sum(m.RowView(i))
	}
	w := regularised(m, b, delta)
	for k := range w {
		w[k]++
	}
	return (&BoxEstimate{Condition: condition(m)}).finish(m, w)
}

func (e *BoxEstimate) finish(m *mat.Dense, w []float64) (*BoxEstimate, error) {
	e.Weights = w
	var mass float64
	for j, v := range w {
		prior := v * mat.Sum(m.ColView(j))
		e.Prior = append(e.Prior, prior)
		e.Clipped = append(e.Clipped, max(0, prior))
		mass += max(0, prior)
	}
	if !(mass > 0) {
		return nil, domain.Errorf(domain.ZeroNormaliser, "no weight is positive: %v", w)
	}
	e.Clipped = normalised(e.Clipped)
	return e, nil
}
