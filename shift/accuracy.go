package shift

import (
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
)

// Accuracy is the share of right decisions that calibrated posteriors promise
// on unlabelled data.
type Accuracy struct {
	Before losses.Estimate // deciding as under the training prior
	After  losses.Estimate // deciding as under the target prior
	Gain   losses.Estimate // After − Before, row by row
}

// ExpectAccuracy returns the accuracy on the rows, drawn from the target, of
// decisions before and after correction: means of the corrected posterior of
// the class decided. Intervals come from [losses.Estimate]; they hold the
// noise of the rows, not that of an estimated prior. It needs two rows.
func ExpectAccuracy(p losses.Probs, train, target []float64) (*Accuracy, error) {
	r, err := Reweight(p, train, target)
	if err != nil {
		return nil, err
	}
	if p.Rows() < 2 {
		return nil, domain.Errorf(domain.ShapeMismatch, "%d rows: want at least 2", p.Rows())
	}
	before := p.Argmax()
	chance := func(i int, decisions []int) float64 { return r.Posterior.Row(i)[decisions[i]] }
	a := &Accuracy{}
	// The number of rows is checked above.
	a.Before, _ = losses.EstimateMean(p.Rows(), func(i int) float64 { return chance(i, before) })
	a.After, _ = losses.EstimateMean(p.Rows(), func(i int) float64 { return chance(i, r.Decisions) })
	a.Gain, _ = losses.EstimateMean(p.Rows(), func(i int) float64 { return chance(i, r.Decisions) - chance(i, before) })
	return a, nil
}
