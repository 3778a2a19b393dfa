package attack

import (
	"fmt"
	"math"
)

// Attack is a way to search a ball for the point that a classifier gets wrong.
// It is a value: change any field of what [FGSM], [PGD] and [MIM] return.
type Attack struct {
	Ball Ball
	Box  Box

	// Objective is what each step linearises.
	Objective Objective

	// Direction is how a step uses the linearisation.
	Direction Direction

	// Iterations is the number of steps, at least 1.
	Iterations int

	// StepSize is the length of a [Steepest] step in the norm of the ball.
	StepSize float64

	// Momentum μ ≥ 0 steps along m ← μ·m + g/‖g‖₁ instead of the gradient g;
	// 0 for none. Source: Dong et al. 2018.
	Momentum float64

	// RandomStart begins at a point drawn uniformly from the ball (moved into
	// the box by projection) instead of the image.
	RandomStart bool

	// Restarts is how often the search begins, at least 1. Each image keeps
	// its best end: one that fools the classifier before all others, then the
	// lowest objective. Images that are fooled are not searched again.
	Restarts int

	// Seed of the random starts and of the control noise. Image i of restart r
	// draws from a stream of (Seed, r, i).
	Seed uint64

	// Targeted takes the labels that it is given as classes to reach instead
	// of classes to leave.
	Targeted bool
}

// Direction is how a step uses the linearisation.
type Direction int

// The directions.
const (
	// Minimiser jumps to the minimiser of the linearisation over the whole
	// ball and box, exactly: see [Minimise].
	Minimiser Direction = iota

	// Steepest moves by StepSize along the steepest descent in the norm of the
	// ball (for P = ∞ the sign of the gradient, for 2 its unit vector, for 1
	// its largest element) and projects exactly: see [Project].
	Steepest
)

// FGSM is the fast gradient sign method for any norm: one exact step from the
// image. Source: docs/linearised-attack.md; Goodfellow et al. 2015.
func FGSM(ball Ball, box Box) Attack {
	return Attack{Ball: ball, Box: box, Direction: Minimiser, Iterations: 1, Restarts: 1}
}

// PGD is projected gradient descent from the image: set RandomStart and
// Restarts for a stronger one. Source: Madry et al. 2018.
func PGD(ball Ball, box Box, iterations int, stepSize float64) Attack {
	return Attack{Ball: ball, Box: box, Direction: Steepest, Iterations: iterations, StepSize: stepSize, Restarts: 1}
}

// MIM is the momentum iterative method: [PGD] in steps of Radius/iterations
// along the running sum of normalised gradients. Source: Dong et al. 2018.
func MIM(ball Ball, box Box, iterations int) Attack {
	a := PGD(ball, box, iterations, ball.Radius/float64(max(iterations, 1)))
	a.Momentum = 1
	return a
}

// WithRadius returns the attack in a ball of another radius, with steps in
// proportion.
func (a Attack) WithRadius(radius float64) Attack {
	if a.Ball.Radius > 0 {
		a.StepSize *= radius / a.Ball.Radius
	}
	a.Ball.Radius = radius
	return a
}

// Validate refuses what no search can do.
func (a Attack) Validate() error {
	if err := a.Ball.Validate(); err != nil {
		return err
	}
	if err := a.Box.Validate(); err != nil {
		return err
	}
	switch {
	case a.Objective != LogProbability && a.Objective != Margin:
		return invalid("objective %d: want LogProbability or Margin", a.Objective)
	case a.Direction != Minimiser && a.Direction != Steepest:
		return invalid("direction %d: want Minimiser or Steepest", a.Direction)
	case a.Iterations < 1:
		return invalid("%d iterations: want at least 1", a.Iterations)
	case a.Direction == Steepest && !(a.StepSize >= 0 && a.StepSize <= math.MaxFloat64):
		return invalid("the step size is %v: want it finite and at least 0", a.StepSize)
	case !(a.Momentum >= 0 && a.Momentum <= math.MaxFloat64):
		return invalid("the momentum is %v: want it finite and at least 0", a.Momentum)
	case a.Restarts < 1:
		return invalid("%d restarts: want at least 1", a.Restarts)
	case a.Restarts > 1 && !a.RandomStart:
		return invalid("%d restarts from the same point find the same: want RandomStart", a.Restarts)
	}
	return nil
}

// String describes the attack in a line.
func (a Attack) String() string {
	s := fmt.Sprintf("%s, %d steps of %g", a.Ball, a.Iterations, a.StepSize)
	if a.Direction == Minimiser {
		s = fmt.Sprintf("%s, %d exact steps", a.Ball, a.Iterations)
	}
	if a.Momentum > 0 {
		s += fmt.Sprintf(", momentum %g", a.Momentum)
	}
	switch {
	case a.RandomStart && a.Restarts == 1:
		s += ", a random start"
	case a.RandomStart:
		s += fmt.Sprintf(", %d random starts", a.Restarts)
	}
	if a.Objective == Margin {
		s += ", on the margin"
	}
	return s
}
