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

	// Piece returns the length of the pieces that R treats apart in an array
	// of the given shape: R is a sum over consecutive pieces. It is 1 for a
	// separable R and the array's size where everything is tied together.
	Piece(shape []int) int

	// Value returns R(x) for a slice of whole pieces, +Inf outside the domain.
	// R of one piece is meant where a piece is more than one element.
	Value(x []F) float64

	// Prox writes argmin over z of R(z) + ‖z−a‖²/(2·step) to dst, which may be
	// a itself, and returns R(dst). The minimiser is global.
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

// whole is the Piece of a penalty that ties all of an array together.
func whole(shape []int) int { return tensor.Size(shape) }

func sameLength[F tensor.Float](op string, dst, a []F) {
	if len(dst) != len(a) {
		panic(tensor.Mismatch(op, "slices of one length", []int{len(dst)}, []int{len(a)}))
	}
}
