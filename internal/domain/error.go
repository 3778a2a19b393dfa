package domain

import "fmt"

// Error says that a value lies outside the domain of a formula.
type Error struct {
	Code    string // one of the codes below
	Message string // what was wrong, where, and what would be right
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// The codes of [Error].
const (
	InvalidParameter    = "invalid_parameter"    // a number outside its range, or not a number
	ShapeMismatch       = "shape_mismatch"       // lengths that do not fit
	InvalidDistribution = "invalid_distribution" // negative, or not summing to 1 within 1e-9
	SupportMismatch     = "support_mismatch"     // a target prior > 0 where the training prior is 0
	ZeroNormaliser      = "zero_normaliser"      // an observation that is impossible under the new prior
	Singular            = "singular"             // a matrix without an inverse
	ZeroNorm            = "zero_norm"            // a direction of length 0
	NoPositiveStep      = "no_positive_step"     // lambda·epsilon ≥ 1
)

// Errorf returns an [*Error] with the code and a formatted message.
func Errorf(code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}
