package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Bernoulli is the geometry of (0, 1)^n of problem 11: D(z, x) is the sum of
// the divergences of Bernoulli variables of means z_i from those of x_i. The
// minimiser of ⟨d, z⟩ + D(z, x)/step is a step in the logits y,
//
//	y ← y − step·d,  x = 1/(1+e^(−y)),
//
// which are the dual state: they stay exact where x rounds to 0 or 1, and come
// back from there. A coordinate that starts at 0 or 1 stays. Penalties that
// implement [PositivePenalty] have a closed form in it.
// Source: docs/mirror-descent.md.
type Bernoulli[F tensor.Float] struct{}

// Solver returns the mirror step with penalty, or an error that names both
// parts if penalty is no [PositivePenalty].
func (g Bernoulli[F]) Solver(penalty Penalty[F]) (Solver[F], error) {
	p, ok := penalty.(PositivePenalty[F])
	if !ok {
		return nil, noClosedForm(penalty, g)
	}
	return bernoulliStep[F]{p.SlopeOnPositive()}, nil
}

// Piece is 0: coordinates are independent.
func (Bernoulli[F]) Piece([]int) int { return 0 }

// ToDual writes logit x = log x − log(1−x) to y. It returns a [*DomainError] if
// an element is outside [0, 1].
func (Bernoulli[F]) ToDual(y, x []F) error {
	sameLength("prox.Bernoulli", y, x)
	for i, v := range x {
		if !(v >= 0 && v <= 1) {
			return invalid("element %d is %v: want a number in [0, 1]", i, v)
		}
		y[i] = F(simd.LogOf(float64(v)) - math.Log1p(-float64(v)))
	}
	return nil
}

// FromDual writes x = 1/(1+e^(−y)).
func (Bernoulli[F]) FromDual(x, y []F) { simd.Sigmoid(x, y) }

// Complement writes 1−x = 1/(1+e^y), which has all its digits where x is near 1.
func (Bernoulli[F]) Complement(dst, y []F) {
	simd.Scale(dst, y, -1)
	simd.Sigmoid(dst, dst)
}

// Divergence returns Σ z log(z/x) + (1−z) log((1−z)/(1−x)), +Inf where x is 0
// or 1 and z is not. Near z = x it has its digits.
func (Bernoulli[F]) Divergence(z, x []F) float64 {
	sameLength("prox.Bernoulli", z, x)
	sum := 0.0
	for i := range x {
		p, q := float64(x[i]), float64(z[i])
		sum += bernoulliDivergence(p, 1-p, q-p)
	}
	return sum
}

// DualDivergence returns the divergence between the points of the dual states
// y and from.
func (Bernoulli[F]) DualDivergence(y, from []F) float64 {
	sameLength("prox.Bernoulli", y, from)
	sum := 0.0
	for i := range y {
		p, q, moved := dualMove(float64(y[i]), float64(from[i]))
		sum += bernoulliDivergence(p, q, moved)
	}
	return sum
}

// Objective returns the value at the minimiser of ⟨d, z−x⟩ + D(z, x)/step, given
// the dual states of both points.
func (Bernoulli[F]) Objective(d, y, from []F, step float64) float64 {
	sameLength("prox.Bernoulli", y, from)
	sameLength("prox.Bernoulli", d, y)
	sum := 0.0
	for i := range y {
		p, q, moved := dualMove(float64(y[i]), float64(from[i]))
		sum += float64(d[i])*moved + bernoulliDivergence(p, q, moved)/step
	}
	return sum
}

// dualMove returns x and 1−x at logit from, and the way from there to the point
// of logit y: x·(1−x)·(e^t−1)/(1 + x·(e^t−1)), t = y − from, taken toward the
// nearer end so that nothing overflows.
func dualMove(y, from float64) (x, rest, moved float64) {
	x, rest = sigmoid(from), sigmoid(-from)
	t := y - from
	switch {
	case x == 0 || rest == 0 || t == 0:
		return x, rest, sigmoid(y) - x
	case t > 0:
		rise := -math.Expm1(-t) // 1 − e^−t
		return x, rest, rest * x * rise / (x + rest*math.Exp(-t))
	}
	rise := math.Expm1(t)
	return x, rest, rest * x * rise / (rest + x*math.Exp(t))
}

// bernoulliDivergence returns the divergence of mean p+moved from mean p, q =
// 1−p. The linear terms of its two parts cancel exactly and are left out.
func bernoulliDivergence(p, q, moved float64) float64 {
	if moved == 0 {
		return 0
	}
	if p == 0 || q == 0 {
		return math.Inf(1)
	}
	return massBend(p, moved) + massBend(q, -moved)
}

// massBend returns p·entropyBend(moved/p) for p > 0, also where the quotient
// overflows.
func massBend(p, moved float64) float64 {
	if t := moved / p; t < 1e16 {
		return p * entropyBend(t)
	}
	return (p+moved)*(simd.LogOf(p+moved)-simd.LogOf(p)) - moved
}

// entropyBend returns (1+t)·log(1+t) − t for t ≥ −1, the divergence per mass of
// growing by the fraction t. It is 1 at −1.
func entropyBend(t float64) float64 {
	if math.Abs(t) < 0.05 {
		// Σ (−1)^k t^k/(k(k−1)): the sum of what the difference would cancel.
		sum, power := 0.0, t
		for k := 2.0; k < 14; k++ {
			power *= -t
			sum -= power / (k * (k - 1))
		}
		return sum
	}
	if t <= -1 {
		return -t // rounding may pass −1
	}
	return (1+t)*math.Log1p(t) - t
}

// sigmoid returns 1/(1+e^(−t)) without overflow.
func sigmoid(t float64) float64 {
	if t >= 0 {
		return 1 / (1 + math.Exp(-t))
	}
	e := math.Exp(t)
	return e / (1 + e)
}

type bernoulliStep[F tensor.Float] struct{ slope float64 }

func (bernoulliStep[F]) Piece([]int) int { return 0 }

func (s bernoulliStep[F]) Step(at Point[F], step float64) {
	shift(at.Dual, -step*s.slope)
	if at.Large {
		simd.MirrorSigmoidStream(at.X, at.Dual, at.Direction, step*at.Times)
		return
	}
	simd.MirrorSigmoid(at.X, at.Dual, at.Direction, step*at.Times)
}

// Renew is Step that leaves at.Dual as it was.
func (s bernoulliStep[F]) Renew(at Point[F], next []F, step float64) (finite bool) {
	if s.slope == 0 {
		return simd.MirrorSigmoidNext(at.X, next, at.Dual, at.Direction, step*at.Times, at.Large)
	}
	copy(next, at.Dual)
	at.Dual = next
	s.Step(at, step)
	return simd.Finite(next)
}

// shift adds s to every element.
func shift[F tensor.Float](y []F, s float64) {
	if s == 0 {
		return
	}
	for i := range y {
		y[i] += F(s)
	}
}
