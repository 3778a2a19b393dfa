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
	return CompareDecisions(r.Posterior, p.Argmax(), r.Decisions)
}

// CompareDecisions returns the accuracy that the posteriors, those of the
// target, promise of two sets of decisions, such as a network's own and the
// corrected ones. It needs two rows, and a decision of either kind for each.
func CompareDecisions(posterior losses.Probs, before, after []int) (*Accuracy, error) {
	return compare(posterior.Rows(), before, after, posterior.Classes, func(i, decision int) float64 { return posterior.Row(i)[decision] })
}

// MeasureAccuracy returns the accuracy of two sets of decisions where the
// labels, each in [0, classes), are known after all. It needs two rows.
func MeasureAccuracy(labels, before, after []int, classes int) (*Accuracy, error) {
	return compare(len(labels), before, after, classes, func(i, decision int) float64 {
		if decision == labels[i] {
			return 1
		}
		return 0
	})
}

// compare averages over the rows what a decision is worth in each.
func compare(rows int, before, after []int, classes int, worth func(i, decision int) float64) (*Accuracy, error) {
	if rows < 2 || len(before) != rows || len(after) != rows {
		return nil, domain.Errorf(domain.ShapeMismatch, "%d rows, with %d decisions before and %d after: want at least 2 rows and a decision of either kind for each", rows, len(before), len(after))
	}
	for i := range rows {
		for _, d := range [2]int{before[i], after[i]} {
			if d < 0 || d >= classes {
				return nil, domain.Errorf(domain.InvalidParameter, "row %d: decision %d: want a class from 0 to %d", i, d, classes-1)
			}
		}
	}
	a := &Accuracy{}
	// The number of rows is checked above.
	a.Before, _ = losses.EstimateMean(rows, func(i int) float64 { return worth(i, before[i]) })
	a.After, _ = losses.EstimateMean(rows, func(i int) float64 { return worth(i, after[i]) })
	a.Gain, _ = losses.EstimateMean(rows, func(i int) float64 { return worth(i, after[i]) - worth(i, before[i]) })
	return a, nil
}
