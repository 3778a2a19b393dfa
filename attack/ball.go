package attack

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// DomainError says which condition of a formula was broken: its Code is
// invalid_parameter or shape_mismatch here.
type DomainError = domain.Error

func invalid(format string, args ...any) error {
	return domain.Errorf(domain.InvalidParameter, format, args...)
}

// Ball is the set of perturbations with ‖δ‖_P ≤ Radius.
type Ball struct {
	P      float64 // from 1 to +Inf
	Radius float64 // at least 0
}

// LInf is the ball of perturbations that move no element by more than radius.
func LInf(radius float64) Ball { return Ball{math.Inf(1), radius} }

// L2 is the Euclidean ball.
func L2(radius float64) Ball { return Ball{2, radius} }

// L1 is the ball of perturbations whose absolute values sum to at most radius.
func L1(radius float64) Ball { return Ball{1, radius} }

// Lp is the ball of (Σ|δ|^p)^(1/p) ≤ radius, p ≥ 1.
func Lp(p, radius float64) Ball { return Ball{p, radius} }

// Validate refuses P < 1 and a radius that is negative or not finite.
func (b Ball) Validate() error {
	if !(b.P >= 1) {
		return invalid("the norm has p = %v: want 1 to +Inf", b.P)
	}
	if !(b.Radius >= 0) || math.IsInf(b.Radius, 1) {
		return invalid("the radius is %v: want it finite and at least 0", b.Radius)
	}
	return nil
}

// dual is q with 1/P + 1/q = 1.
func (b Ball) dual() float64 {
	switch {
	case b.P == 1:
		return math.Inf(1)
	case math.IsInf(b.P, 1):
		return 1
	}
	return b.P / (b.P - 1)
}

// Box is the range of valid inputs, the same for each element: Lo ≤ x ≤ Hi.
// Bounds may be infinite.
type Box struct{ Lo, Hi float64 }

// Unit is the box [0, 1] of pixels.
func Unit() Box { return Box{0, 1} }

// Everywhere is the box without bounds.
func Everywhere() Box { return Box{math.Inf(-1), math.Inf(1)} }

// Validate refuses Lo > Hi and NaN.
func (b Box) Validate() error {
	if !(b.Lo <= b.Hi) {
		return invalid("the box is [%v, %v]: want Lo ≤ Hi", b.Lo, b.Hi)
	}
	return nil
}

// holds returns an error that names the first element of x outside the box or
// not finite.
func holds[F tensor.Float](b Box, x []F) error {
	_, largest := precision[F]()
	lo, hi := inside[F](Box{math.Max(b.Lo, -largest), math.Min(b.Hi, largest)})
	if simd.Min(x) >= lo && simd.Max(x) <= hi {
		return nil
	}
	for i, v := range x {
		if !(v >= lo && v <= hi) {
			return invalid("element %d is %v: want it finite and in the box [%v, %v]", i, v, b.Lo, b.Hi)
		}
	}
	return nil
}

// Norm returns ‖x‖_p, in float64 and without overflow on the way; NaN if an
// element is NaN.
func Norm[F tensor.Float](x []F, p float64) float64 {
	top := 0.0
	for _, v := range x {
		top = max(top, math.Abs(float64(v)))
	}
	if top == 0 || math.IsInf(p, 1) || !(top <= math.MaxFloat64) {
		return top
	}
	sum := 0.0
	for _, v := range x {
		sum += power(math.Abs(float64(v))/top, p)
	}
	return top * power(sum, 1/p)
}

// power is x^p for x ≥ 0, with the common cases exact.
func power(x, p float64) float64 {
	switch p {
	case 1:
		return x
	case 2:
		return x * x
	case 0.5:
		return math.Sqrt(x)
	}
	return math.Pow(x, p)
}

// String returns "‖δ‖_2 ≤ 0.5".
func (b Ball) String() string {
	if math.IsInf(b.P, 1) {
		return fmt.Sprintf("‖δ‖_∞ ≤ %g", b.Radius)
	}
	return fmt.Sprintf("‖δ‖_%g ≤ %g", b.P, b.Radius)
}
