package binarynet

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// DomainError says that a value is outside its domain.
type DomainError = domain.Error

// Group gives every Probability of a model a step of its own, such as [MirrorStep].
func Group[F tensor.Float](step optim.Step[F]) optim.Group[F] {
	return optim.Group[F]{Match: "*probability", Step: step}
}

// MirrorStep is the Bernoulli mirror step, y ← y − rate·d, x = 1/(1+e^−y), along
// the direction d of [Evened], with averages over ten and a hundred steps. A
// rate of 0.1 moves the logit of a weight whose gradient is steady by 0.1 a step.
// Source: docs/mirror-descent.md.
func MirrorStep[F tensor.Float](rate optim.Schedule) optim.Step[F] {
	return optim.Step[F]{
		Estimator: Evened[F]{Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-10},
		Penalty:   prox.None[F]{}, Geometry: prox.Bernoulli[F]{}, Rate: rate,
	}
}

// Evened is the direction m̂/(√v̂ + Epsilon) of Adam's moments, taken as it is
// where [optim.AdamMoments] hands √v̂ to a diagonal geometry: logits of all
// layers then move at one pace, whatever the size of their gradients, in a
// geometry that has its own. Betas are in [0, 1), Epsilon is above 0.
// Source: Kingma and Ba 2015.
type Evened[F tensor.Float] struct{ Beta1, Beta2, Epsilon float64 }

// Validate refuses betas outside [0, 1) and an Epsilon that is not positive.
func (e Evened[F]) Validate() error { return optim.AdamMoments[F](e).Validate() }

// Slots is "mean", "second_moment".
func (Evened[F]) Slots() []string { return []string{"mean", "second_moment"} }

// Direct updates the moments and returns the direction.
func (e Evened[F]) Direct(in optim.Block[F], slots [][]F, now optim.Now) optim.Block[F] {
	out := optim.AdamMoments[F](e).Direct(in, slots, now)
	// m̂/(√v̂ + ε) = m·a/(√v + ε·b) with a = 1/(1−β₁ᵗ), b = √(1−β₂ᵗ).
	b := 1 / math.Sqrt(out.Metric.Scale)
	simd.Sqrt(in.Scratch, slots[1])
	simd.Standardise(in.Scratch, in.Scratch, 0, 1, F(e.Epsilon*b))
	simd.Div(in.Scratch, slots[0], in.Scratch)
	out.Direction, out.Times, out.Metric = in.Scratch, out.Times*b, prox.Metric[F]{}
	return out
}
