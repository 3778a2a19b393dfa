package optim

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// Estimator turns gradients into a descent direction. Values are immutable
// hyperparameters; what an estimator remembers of a parameter is in slots,
// arrays of the parameter's size that start at zero and that the optimiser
// keeps.
type Estimator[F tensor.Float] interface {
	// Validate says which hyperparameter is outside its domain.
	Validate() error

	// Slots names the arrays that the estimator remembers of each parameter.
	Slots() []string

	// Direct returns the direction of one block of a parameter, given the
	// gradient or the direction of the estimator before it in a chain. It
	// allocates nothing and does not write to the Direction that it is given,
	// unless that is Scratch.
	Direct(in Block[F], slots [][]F, now Now) Block[F]
}

// Block is a range of one parameter on its way through the estimators.
type Block[F tensor.Float] struct {
	// The direction is Times·Direction. The factor is kept apart because it
	// then costs no pass over memory.
	Direction []F
	Times     float64

	Metric  prox.Metric[F] // for prox.Diagonal, once an estimator has supplied one
	X       []F            // the parameter itself, to be read only
	Scratch []F            // for the results of estimators
}

// gradient returns Times·Direction, in Scratch if the factor is not 1.
func (b Block[F]) gradient() []F {
	if b.Times == 1 {
		return b.Direction
	}
	simd.Scale(b.Scratch, b.Direction, F(b.Times))
	return b.Scratch
}

// Now is what is the same for all parameters in one step.
type Now struct {
	Step         int     // the number of this step; the first is 1
	GradientNorm float64 // Euclidean norm of all gradients together, before any clipping; see Optimizer.SinglePass
}

// MetricSupplier is implemented by estimators that supply the metric of
// prox.Diagonal in Block.Metric.
type MetricSupplier interface{ SuppliesMetric() bool }

func suppliesMetric(e any) bool {
	m, ok := e.(MetricSupplier)
	return ok && m.SuppliesMetric()
}

// Amplifier is implemented by estimators whose direction is more than the
// gradient where the gradient stays the same: Gain times as much. The penalty
// and the decay then take the step size times Gain, so that what is minimised
// is the loss and the penalty, not the loss and a part of the penalty.
type Amplifier interface{ Gain() float64 }

func gain(e any) float64 {
	if a, ok := e.(Amplifier); ok {
		return a.Gain()
	}
	return 1
}

// Clipper is implemented by estimators that clip gradients; they come first in
// a chain. WantsNorm says that one clips by Now.GradientNorm, and so before any
// other.
type Clipper interface{ WantsNorm() bool }

// Raw is the gradient itself.
type Raw[F tensor.Float] struct{}

// Validate returns nil.
func (Raw[F]) Validate() error { return nil }

// Slots is empty.
func (Raw[F]) Slots() []string { return nil }

// Direct returns in.
func (Raw[F]) Direct(in Block[F], _ [][]F, _ Now) Block[F] { return in }
