package prox

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// DomainError says that a value is outside the domain of an operation. Its
// Code names the condition that was broken, such as "no_positive_step".
type DomainError = domain.Error

func invalid(format string, args ...any) error {
	return domain.Errorf(domain.InvalidParameter, "prox: "+format, args...)
}

// noClosedForm refuses a pair of parts by their names.
func noClosedForm(penalty, geometry any) error {
	return fmt.Errorf("prox: no closed form for %T with %T", penalty, geometry)
}

// CheckStep refuses a step size that is not positive and finite.
func CheckStep(step float64) error {
	if !(step > 0) || math.IsInf(step, 1) {
		return invalid("step size %v: want a positive, finite number", step)
	}
	return nil
}

// nonNegative refuses a hyperparameter that is negative, infinite or NaN.
func nonNegative(name string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 1) {
		return invalid("%s is %v: want a finite number of at least 0", name, v)
	}
	return nil
}

// positive refuses a hyperparameter that is not above 0 and finite.
func positive(name string, v float64) error {
	if !(v > 0) || math.IsInf(v, 1) {
		return invalid("%s is %v: want a finite number above 0", name, v)
	}
	return nil
}
