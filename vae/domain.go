package vae

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/internal/domain"
)

// DomainError says that a value is outside the domain of a formula. Its Code
// names the condition that was broken, such as "invalid_parameter".
type DomainError = domain.Error

func invalid(format string, args ...any) error {
	return domain.Errorf(domain.InvalidParameter, format, args...)
}

func mismatch(format string, args ...any) error {
	return domain.Errorf(domain.ShapeMismatch, format, args...)
}

// checkRows refuses an empty table, rows that are not of d numbers each, and
// numbers that are not finite. A negative d asks for the length of the first.
func checkRows(name string, rows [][]float64, d int) error {
	if len(rows) == 0 || d < 0 && len(rows[0]) == 0 || d == 0 {
		return mismatch("%s is empty: want at least one row of at least one number", name)
	}
	if d < 0 {
		d = len(rows[0])
	}
	for i, row := range rows {
		if len(row) != d {
			return mismatch("%s[%d] has %d numbers: want %d", name, i, len(row), d)
		}
		if err := checkFinite(fmt.Sprintf("%s[%d]", name, i), row); err != nil {
			return err
		}
	}
	return nil
}

func checkFinite(name string, row []float64) error {
	for j, v := range row {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return invalid("%s[%d] is %v: want a finite number", name, j, v)
		}
	}
	return nil
}

// checkMeans refuses decoder means [B][S][d] that do not go with x [B][d].
func checkMeans(x [][]float64, mu [][][]float64) error {
	if err := checkRows("x", x, -1); err != nil {
		return err
	}
	if len(mu) != len(x) {
		return mismatch("mu of %d examples for %d of x: want as many", len(mu), len(x))
	}
	for i, samples := range mu {
		if len(samples) != len(mu[0]) {
			return mismatch("mu[%d] has %d samples and mu[0] %d: want as many of each example", i, len(samples), len(mu[0]))
		}
		if err := checkRows(fmt.Sprintf("mu[%d]", i), samples, len(x[0])); err != nil {
			return err
		}
	}
	return nil
}

// positive reports whether v is a finite number above 0.
func positive(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
