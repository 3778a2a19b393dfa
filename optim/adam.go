package optim

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// AdamMoments estimates mean and second moment of the gradient,
//
//	m ← Beta1·m + (1−Beta1)·g,  v ← Beta2·v + (1−Beta2)·g²,
//
// both from 0 and bias-corrected. The direction is m̂; the metric for
// prox.Diagonal is √v̂ + Epsilon. Its slots are "mean" and "second_moment".
// Betas are in [0, 1), Epsilon is above 0.
// Source: Kingma and Ba 2015.
type AdamMoments[F tensor.Float] struct{ Beta1, Beta2, Epsilon float64 }

// Validate refuses betas outside [0, 1) and an Epsilon that is not positive.
func (a AdamMoments[F]) Validate() error {
	switch {
	case !(a.Beta1 >= 0 && a.Beta1 < 1):
		return invalid("AdamMoments.Beta1 is %v: want 0 ≤ Beta1 < 1", a.Beta1)
	case !(a.Beta2 >= 0 && a.Beta2 < 1):
		return invalid("AdamMoments.Beta2 is %v: want 0 ≤ Beta2 < 1", a.Beta2)
	case !(a.Epsilon > 0) || math.IsInf(a.Epsilon, 1):
		return invalid("AdamMoments.Epsilon is %v: want a finite number above 0", a.Epsilon)
	}
	return nil
}

// Slots is "mean", "second_moment".
func (AdamMoments[F]) Slots() []string { return []string{"mean", "second_moment"} }

// SuppliesMetric is true.
func (AdamMoments[F]) SuppliesMetric() bool { return true }

// Direct updates the moments and returns the mean, with the metric.
func (a AdamMoments[F]) Direct(in Block[F], slots [][]F, now Now) Block[F] {
	t := float64(now.Step)
	simd.AdamMoments(slots[0], slots[1], in.gradient(), a.Beta1, a.Beta2)
	in.Direction, in.Times = slots[0], 1/(1-math.Pow(a.Beta1, t))
	in.Metric = prox.Metric[F]{Squares: slots[1], Scale: 1 / (1 - math.Pow(a.Beta2, t)), Offset: a.Epsilon}
	return in
}
