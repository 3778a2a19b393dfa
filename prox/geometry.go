package prox

import "github.com/gradus-ml/gradus/tensor"

// Geometry is a divergence D(z, x), the price of moving from x to z.
type Geometry[F tensor.Float] interface {
	// Solver returns the exact solution of
	//
	//	argmin over z of ⟨d, z⟩ + R(z) + D(z, x)/step
	//
	// for a penalty R. It asks the penalty what it can do; where the pair has
	// no closed form it returns an error that names both.
	Solver(penalty Penalty[F]) (Solver[F], error)
}

// Solver takes the exact step of one penalty in one geometry. It allocates
// nothing.
type Solver[F tensor.Float] interface {
	// Piece returns the length of the pieces of an array of the given shape
	// that are solved together, as [Penalty] does.
	Piece(shape []int) int

	// Step replaces at.X, and at.Dual in a geometry that keeps one, by the
	// minimiser.
	Step(at Point[F], step float64)
}

// Point is where a step is taken: whole pieces of one array.
type Point[F tensor.Float] struct {
	X     []F // the parameter; replaced by the result
	Piece int // the length of each piece, 0 if the solver is separable

	// The linear term d is Times·Direction; the factor spares a pass over the
	// array for bias correction and clipping.
	Direction []F
	Times     float64

	Large   bool      // X is part of an array larger than what caches hold
	Metric  Metric[F] // for [Diagonal] alone
	Scratch []F       // of the length of X, apart from the others; needed by [Diagonal] with a penalty
	Dual    []F       // the mirror image of X, for a [Mirror] geometry alone; replaced with X
}

// Renewer is a [Solver] of a [Mirror] geometry of independent coordinates whose
// step can be taken back: Renew is Step, but writes the dual state to next, as
// long as at.Dual, and leaves at.Dual as it was. It reports whether all of next
// is finite, as it is not where a direction is not.
type Renewer[F tensor.Float] interface {
	Solver[F]
	Renew(at Point[F], next []F, step float64) (finite bool)
}

// Mirror is a geometry that keeps a dual state y of its own beside x. x rounds
// to the edge of its domain where y does not, so y is what is carried from
// step to step. Source: docs/mirror-descent.md.
type Mirror[F tensor.Float] interface {
	Geometry[F]

	// Piece returns the length of the pieces of an array that are a point each,
	// as [Penalty] does.
	Piece(shape []int) int

	// ToDual writes the dual state of x to y. It returns a [*DomainError] if x
	// is outside the geometry's domain.
	ToDual(y, x []F) error

	// FromDual writes the point of dual state y to x.
	FromDual(x, y []F)
}

// pieceLength returns the length of the slices that a penalty is given.
func (at Point[F]) pieceLength() int {
	if at.Piece == 0 {
		return len(at.X)
	}
	return at.Piece
}
