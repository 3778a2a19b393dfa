package moments

import (
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// DomainError says that a value is outside the domain of a formula. Its Code
// names the condition that was broken, such as "invalid_parameter".
type DomainError = domain.Error

func invalid(format string, args ...any) error {
	return domain.Errorf(domain.InvalidParameter, "moments: "+format, args...)
}

func mismatch(format string, args ...any) error {
	return domain.Errorf(domain.ShapeMismatch, "moments: "+format, args...)
}

// number is a value with its name, for error messages.
type number struct {
	name  string
	value float64
}

func checkFinite(numbers ...number) error {
	for _, n := range numbers {
		if math.IsNaN(n.value) || math.IsInf(n.value, 0) {
			return invalid("%s is %v: want a finite number", n.name, n.value)
		}
	}
	return nil
}

// checkVariances refuses what is not finite or below 0.
func checkVariances(numbers ...number) error {
	for _, n := range numbers {
		if err := checkFinite(n); err != nil {
			return err
		}
		if n.value < 0 {
			return invalid("%s is %v: want at least 0", n.name, n.value)
		}
	}
	return nil
}

// checkCounts refuses numbers below lo.
func checkCounts(lo int, counts map[string]int) error {
	for name, n := range counts {
		if n < lo {
			return invalid("%s is %d: want at least %d", name, n, lo)
		}
	}
	return nil
}
