package prox

import "github.com/gradus-ml/gradus/tensor"

// Penalty is a function R of an array, with an exact proximal map.
//
// Values are immutable hyperparameters: they print, compare and marshal to
// JSON. Lengths that do not fit panic with a [*tensor.ShapeError].
type Penalty[F tensor.Float] interface {
	// Validate returns a [*DomainError] if a hyperparameter is outside its
	// domain. The other methods assume that it returned nil.
	Validate() error

	// Piece returns the length of the pieces that R ties together in an array
	// of the given shape: R is a sum over consecutive pieces. It is the array's
	// size where R ties all of it, and 0 where R is separable.
	Piece(shape []int) int

	// Value returns R of one piece, +Inf outside its domain; of any slice, if R
	// is separable.
	Value(x []F) float64

	// Prox writes argmin over z of R(z) + ‖z−a‖²/(2·step) to dst, which may be
	// a itself, and returns R(dst), for one piece as Value does. The minimiser
	// is global, and one of them where there are several.
	Prox(dst, a []F, step float64) float64
}

// DiagonalPenalty is a penalty that is also solved exactly under a diagonal
// metric. [Diagonal] asks for it.
type DiagonalPenalty[F tensor.Float] interface {
	Penalty[F]

	// ProxDiagonal writes argmin over z of R(z) + Σ metric_i·(z_i−a_i)²/(2·step)
	// to dst, which may be a itself, and returns R(dst). Metric entries are
	// positive.
	ProxDiagonal(dst, a, metric []F, step float64) float64
}

// DiagonalCondition is implemented by a [DiagonalPenalty] that has a closed
// form for some of its parameters only.
type DiagonalCondition interface{ SolvesDiagonal() bool }

// PositivePenalty is a penalty that is linear, slope·Σz, on z ≥ 0. The
// entropy geometries ask for it: it adds slope to the gradient.
type PositivePenalty[F tensor.Float] interface {
	Penalty[F]
	SlopeOnPositive() float64
}

// AffinePenalty is a penalty whose proximal map is z = shrink·a. [Euclidean]
// asks for it, to take the gradient step and the map in one pass.
type AffinePenalty[F tensor.Float] interface {
	Penalty[F]
	Shrink(step float64) float64
}

// Fitter is implemented by penalties that fit arrays of some shapes only. Fits
// says why an array of the given shape is not one.
type Fitter interface{ Fits(shape []int) error }

// fits asks a penalty whether it fits arrays of the given shape.
func fits[F tensor.Float](penalty Penalty[F], shape []int) error {
	if f, ok := penalty.(Fitter); ok {
		return f.Fits(shape)
	}
	return nil
}

// inner validates the penalty that a combinator works on.
func inner[F tensor.Float](name string, penalty Penalty[F]) error {
	if penalty == nil {
		return invalid("%s.Of is nil: want a Penalty", name)
	}
	return penalty.Validate()
}

func sameLength[F tensor.Float](op string, dst, a []F) {
	if len(dst) != len(a) {
		panic(tensor.Mismatch(op, "slices of one length", []int{len(dst)}, []int{len(a)}))
	}
}

// solvesDiagonal reports whether a penalty has a closed form under a diagonal
// metric.
func solvesDiagonal[F tensor.Float](penalty Penalty[F]) bool {
	if _, ok := penalty.(DiagonalPenalty[F]); !ok {
		return false
	}
	c, conditional := penalty.(DiagonalCondition)
	return !conditional || c.SolvesDiagonal()
}

// single reports whether F is float32, by its rounding.
func single[F tensor.Float]() bool { return F(1)+F(1e-10) == 1 }
