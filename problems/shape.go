package problems

import "github.com/gradus-ml/gradus/internal/domain"

// sameLength asks that vector b is as long as vector a.
func sameLength[A, B any](nameA string, a []A, nameB string, b []B) error {
	return wantLength(nameB, b, len(a), "as "+nameA)
}

// wantLength asks that a vector has n elements.
func wantLength[A any](name string, a []A, n int, why string) error {
	if len(a) != n {
		return domain.Errorf(domain.ShapeMismatch, "%s has %d elements: want %d, %s", name, len(a), n, why)
	}
	return nil
}

// wantMatrix asks that a matrix has the given rows and columns.
func wantMatrix(name string, a [][]float64, rows, columns int) error {
	if len(a) != rows {
		return domain.Errorf(domain.ShapeMismatch, "%s has %d rows: want %d", name, len(a), rows)
	}
	for _, row := range a {
		if len(row) != columns {
			return domain.Errorf(domain.ShapeMismatch, "%s has %d columns: want %d", name, len(row), columns)
		}
	}
	return nil
}

// first returns the first error.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// maxSteps bounds what an iteration may be asked to return.
const maxSteps = 1_000_000

// wantSteps asks for a number of steps that is neither negative nor absurd for
// points of n coordinates.
func wantSteps(name string, steps, n int) error {
	if steps < 0 || steps > maxSteps/max(1, n) {
		return domain.Errorf(domain.InvalidParameter, "%s is %d: want 0 to %d", name, steps, maxSteps/max(1, n))
	}
	return nil
}

func invalid(format string, args ...any) error {
	return domain.Errorf(domain.InvalidParameter, format, args...)
}
