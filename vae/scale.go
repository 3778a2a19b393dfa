package vae

import "fmt"

// Scale says what the variances of a Gaussian decoder belong to, and where they
// come from.
type Scale int

// The scales.
const (
	Shared       Scale = iota // one variance, the optimal one
	PerDimension              // one for each dimension, the optimal ones
	PerExample                // one for each example, the optimal ones: for training alone, as they need x
	Fixed                     // one, given
	Learned                   // those of Model.LogVariance, trained along
)

// String names the scale.
func (s Scale) String() string {
	switch s {
	case Shared:
		return "shared"
	case PerDimension:
		return "per dimension"
	case PerExample:
		return "per example"
	case Fixed:
		return "fixed"
	case Learned:
		return "learned"
	}
	return fmt.Sprintf("Scale(%d)", int(s))
}
