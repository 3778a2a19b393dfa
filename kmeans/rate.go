package kmeans

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// RateKind names a family of rates.
type RateKind string

// The kinds of [Rate].
const (
	ByCount  RateKind = "count"    // Scale·n_k^−Exponent, n_k being the wins of the center, this one included
	ByStep   RateKind = "power"    // Scale/(1 + t/Offset)^Exponent, t = 0, 1, … over all presentations
	Constant RateKind = "constant" // Scale
)

// Rate is the part α of the way to an example that its center goes:
// y ← y + α(x − y). A step of gradient descent on ‖x − y‖² with learning rate η
// has α = 2η. The fields are plain, to be saved.
type Rate struct {
	Kind     RateKind
	Scale    float64
	Exponent float64
	Offset   float64
}

// InverseCount is 1/n_k: each center is the mean of the examples it has won.
func InverseCount() Rate { return Rate{Kind: ByCount, Scale: 1, Exponent: 1} }

// CountPower is n_k^−c. It forgets the start and early assignments faster than
// [InverseCount] and converges for ½ < c ≤ 1.
func CountPower(c float64) Rate { return Rate{Kind: ByCount, Scale: 1, Exponent: c} }

// Power is alpha0/(1 + t/t0)^p. It converges for ½ < p ≤ 1.
func Power(alpha0, t0, p float64) Rate {
	return Rate{Kind: ByStep, Scale: alpha0, Offset: t0, Exponent: p}
}

// ConstantRate is alpha at every step. It never converges: it tracks centers
// that move, at the price of [Stationary]'s variance.
func ConstantRate(alpha float64) Rate { return Rate{Kind: Constant, Scale: alpha} }

// At returns the rate for a center's win number count ≥ 1 at presentation
// step ≥ 0.
func (r Rate) At(count, step int) float64 {
	switch r.Kind {
	case ByCount:
		if r.Exponent == 1 {
			return r.Scale / float64(count)
		}
		return r.Scale * math.Pow(float64(count), -r.Exponent)
	case ByStep:
		return r.Scale * math.Pow(1+float64(step)/r.Offset, -r.Exponent)
	}
	return r.Scale
}

// RobbinsMonro returns nil if Σα = ∞ and Σα² < ∞ (Robbins and Monro, 1951),
// without which the centers do not converge, and otherwise says which of the
// two fails. That rates fall is necessary, not sufficient.
func (r Rate) RobbinsMonro() error {
	switch {
	case r.Kind == Constant:
		return domain.Errorf(domain.InvalidParameter, "the rate is constantly %v, so the sum of its squares is infinite and the centers keep moving: want Tracking, or a rate that falls", r.Scale)
	case !(r.Exponent > 0.5):
		return domain.Errorf(domain.InvalidParameter, "the rate falls with exponent %v, so the sum of its squares is infinite and the centers keep moving: want (0.5, 1], or Tracking", r.Exponent)
	case !(r.Exponent <= 1):
		return domain.Errorf(domain.InvalidParameter, "the rate falls with exponent %v, so its sum is finite and the centers stop anywhere: want (0.5, 1], or Tracking", r.Exponent)
	}
	return nil
}

// Validate says what is wrong with the parameters, if anything is: steps are
// stable for 0 < Scale < 2.
func (r Rate) Validate() error {
	switch {
	case r.Kind != ByCount && r.Kind != ByStep && r.Kind != Constant:
		return domain.Errorf(domain.InvalidParameter, "rate of kind %q: want count, power or constant", r.Kind)
	case !(r.Scale > 0 && r.Scale < 2):
		return domain.Errorf(domain.InvalidParameter, "a rate of %v: want it in (0, 2), where steps are stable", r.Scale)
	case r.Kind == ByStep && !(r.Offset > 0 && r.Offset <= math.MaxFloat64):
		return domain.Errorf(domain.InvalidParameter, "the rate falls over %v presentations: want more than 0", r.Offset)
	case r.Kind != Constant && !(r.Exponent >= 0 && r.Exponent <= math.MaxFloat64):
		return domain.Errorf(domain.InvalidParameter, "the rate falls with exponent %v: want it finite and ≥ 0", r.Exponent)
	}
	return nil
}
