package tour

import (
	"fmt"
	"math"
)

// Figure is a number that theory gives, beside the one that was measured.
type Figure struct {
	Name             string
	Theory, Measured float64
	Format           string // of both, as in fmt: "%.2f%%" with percent, "%.1e"

	// Measured must lie between Low and High, either of which may be infinite.
	// Tolerance says in words which range that is, and why.
	Low, High float64
	Tolerance string
}

// near is a figure whose measurement may be off by the tolerance either way.
func near(name, format string, theory, measured, tolerance float64, why string) Figure {
	return Figure{name, theory, measured, format, theory - tolerance, theory + tolerance, why}
}

// atMost is a figure whose theory is an upper bound.
func atMost(name, format string, bound, measured float64, why string) Figure {
	return Figure{name, bound, measured, format, math.Inf(-1), bound, why}
}

// atLeast is a figure whose theory is a lower bound.
func atLeast(name, format string, bound, measured float64, why string) Figure {
	return Figure{name, bound, measured, format, bound, math.Inf(1), why}
}

// Holds reports whether the measurement lies in its range; NaN lies in none.
func (f Figure) Holds() bool { return f.Low <= f.Measured && f.Measured <= f.High }

// Texts are theory and measurement as they are printed. A theory that is a
// bound says so.
func (f Figure) Texts() (theory, measured string) {
	theory, measured = fmt.Sprintf(f.Format, f.Theory), fmt.Sprintf(f.Format, f.Measured)
	switch {
	case math.IsInf(f.Low, -1):
		theory = "≤ " + theory
	case math.IsInf(f.High, 1):
		theory = "≥ " + theory
	}
	return theory, measured
}
