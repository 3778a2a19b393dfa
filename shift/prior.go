package shift

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/losses"
)

// Weights returns w_y = target_y/train_y, which is 0 where both are. The
// priors are ≥ 0 and finite, with a positive sum, and need not be normalised.
// It returns a support_mismatch if a class of the target was absent from
// training: its posterior was never learned.
func Weights(train, target []float64) ([]float64, error) {
	if err := checkPrior("training prior", train, len(train)); err != nil {
		return nil, err
	}
	if err := checkPrior("target prior", target, len(train)); err != nil {
		return nil, err
	}
	w := make([]float64, len(train))
	for k, q := range target {
		if q == 0 {
			continue
		}
		if train[k] == 0 {
			return nil, domain.Errorf(domain.SupportMismatch, "class %d has target prior %v and training prior 0: no correction exists", k, q)
		}
		if w[k] = q / train[k]; math.IsInf(w[k], 1) {
			return nil, domain.Errorf(domain.InvalidParameter, "class %d: the ratio of the priors %v and %v overflows", k, q, train[k])
		}
	}
	return w, nil
}

func checkPrior(name string, prior []float64, classes int) error {
	if len(prior) != classes || classes == 0 {
		return domain.Errorf(domain.ShapeMismatch, "%s of %d classes: want %d, and at least one", name, len(prior), classes)
	}
	var sum float64
	for k, v := range prior {
		if !(v >= 0) || math.IsInf(v, 0) {
			return domain.Errorf(domain.InvalidDistribution, "%s of class %d is %v: want it finite and ≥ 0", name, k, v)
		}
		sum += v
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return domain.Errorf(domain.InvalidDistribution, "%s sums to %v: want a positive number", name, sum)
	}
	return nil
}

// normalised returns v/Σv.
func normalised(v []float64) []float64 {
	var sum float64
	for _, x := range v {
		sum += x
	}
	n := make([]float64, len(v))
	for k, x := range v {
		n[k] = x / sum
	}
	return n
}

// Smooth returns (N·estimate + train)/(N + 1): an estimate from N rows as if one
// more had been seen, shared among the classes as in training. It moves no
// class by more than 1/(N+1), and leaves none that training knew at 0: a
// network that is corrected to it still knows every class, and can be corrected
// again, which one that excludes a class cannot. Both priors are as for
// [Weights], N ≥ 1.
func Smooth(estimate, train []float64, rows int) ([]float64, error) {
	if _, err := Weights(train, estimate); err != nil {
		return nil, err
	}
	if rows < 1 {
		return nil, domain.Errorf(domain.InvalidParameter, "%d rows: want at least 1", rows)
	}
	smooth, n := normalised(estimate), float64(rows)
	for k, p := range normalised(train) {
		smooth[k] = (n*smooth[k] + p) / (n + 1)
	}
	return smooth, nil
}

// TrainingPrior returns the prior that a network trained with class weights
// v_y on data of prior p(y) has learned: v_y p(y)/Σ v p. Give it, and not p, to
// the functions that want a training prior.
func TrainingPrior(prior, classWeights []float64) ([]float64, error) {
	if err := checkPrior("prior", prior, len(prior)); err != nil {
		return nil, err
	}
	return losses.WeightedMinimiser(normalised(prior), classWeights)
}

// Frequencies returns the share of each class among the labels, each in
// [0, classes).
func Frequencies(labels []int, classes int) ([]float64, error) {
	p, err := losses.OneHot(labels, classes)
	if err != nil {
		return nil, err
	}
	if len(labels) == 0 {
		return nil, domain.Errorf(domain.ShapeMismatch, "no labels: want at least one")
	}
	return columnMeans(p.Table), nil
}

func columnMeans(t losses.Table) []float64 {
	mean := make([]float64, t.Classes)
	for i := range t.Rows() {
		for k, v := range t.Row(i) {
			mean[k] += v
		}
	}
	for k := range mean {
		mean[k] /= float64(t.Rows())
	}
	return mean
}
