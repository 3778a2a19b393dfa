package optim

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// EMA is the exponential moving average of problem 3,
//
//	s_t = (1−Q)·s_{t−1} + Q·g_t,  0 < Q ≤ 1,
//
// with s_0 as Start declares. Its slot is "average".
// Source: docs/ema-proximal-sgd.md, equation (8).
type EMA[F tensor.Float] struct {
	Q     float64
	Start Start
}

// Start says what an average is before the first gradient.
type Start int

const (
	FromZero          Start = iota // s_0 = 0, as it stands
	BiasCorrected                  // s_0 = 0, and the direction is s_t/(1−(1−Q)^t)
	FromFirstGradient              // s_1 = g_1
)

// String names the start.
func (s Start) String() string {
	switch s {
	case FromZero:
		return "zero"
	case BiasCorrected:
		return "bias-corrected"
	case FromFirstGradient:
		return "first gradient"
	}
	return fmt.Sprintf("Start(%d)", int(s))
}

// MarshalText gives the name, for JSON.
func (s Start) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Validate refuses Q outside (0, 1] and an unknown Start.
func (e EMA[F]) Validate() error {
	if e.Start < FromZero || e.Start > FromFirstGradient {
		return invalid("EMA.Start is %v: want FromZero, BiasCorrected or FromFirstGradient", e.Start)
	}
	if !(e.Q > 0 && e.Q <= 1) {
		return invalid("EMA.Q is %v: want 0 < Q ≤ 1", e.Q)
	}
	return nil
}

// Slots is "average".
func (EMA[F]) Slots() []string { return []string{"average"} }

// Direct updates the average and returns it.
func (e EMA[F]) Direct(in Block[F], slots [][]F, now Now) Block[F] {
	q, times := e.weights(now.Step)
	simd.EMA(slots[0], in.gradient(), q)
	in.Direction, in.Times = slots[0], times
	return in
}

// weights returns the weight of the gradient of a step, and the factor of the
// average.
func (e EMA[F]) weights(step int) (q, times float64) {
	switch {
	case e.Start == FromFirstGradient && step == 1:
		return 1, 1
	case e.Start == BiasCorrected:
		return e.Q, 1 / e.Factors(step).WeightSum
	}
	return e.Q, 1
}

// Factors are the factors by which an average scales mean and variance of
// independent, identically distributed gradients.
type Factors struct {
	WeightSum          float64 // of the mean: 1−(1−q)^t
	Variance           float64 // Σ of squared weights
	CorrectedVariance  float64 // the same after bias correction
	StationaryVariance float64 // its limit q/(2−q)
}

// Factors returns the factors after t ≥ 1 gradients from zero. They are right
// for Q near 0, where 1−(1−Q)^t cancels.
func (e EMA[F]) Factors(t int) Factors {
	log := math.Log1p(-e.Q) // −Inf at Q = 1, which the formulas bear
	sum := -math.Expm1(float64(t) * log)
	limit := e.Q / (2 - e.Q)
	return Factors{
		WeightSum:          sum,
		Variance:           limit * -math.Expm1(2*float64(t)*log),
		CorrectedVariance:  limit * (2 - sum) / sum,
		StationaryVariance: limit,
	}
}
