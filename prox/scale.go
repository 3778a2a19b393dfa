package prox

import "github.com/gradus-ml/gradus/tensor"

// Scale is By·Of(x), By > 0: its proximal map, argmin over z of By·Of(z) +
// ‖z−a‖²/(2·step), is Of's with a step By times as long.
type Scale[F tensor.Float] struct {
	Of Penalty[F]
	By float64
}

// Validate refuses a By that is not positive, and asks the penalty.
func (s Scale[F]) Validate() error {
	if err := positive("Scale.By", s.By); err != nil {
		return err
	}
	return inner("Scale", s.Of)
}

// Piece is that of the penalty.
func (s Scale[F]) Piece(shape []int) int { return s.Of.Piece(shape) }

// Fits asks the penalty.
func (s Scale[F]) Fits(shape []int) error { return fits(s.Of, shape) }

// Value is By·Of(x).
func (s Scale[F]) Value(x []F) float64 { return s.By * s.Of.Value(x) }

// Prox is Of's with step·By.
func (s Scale[F]) Prox(dst, a []F, step float64) float64 {
	return s.By * s.Of.Prox(dst, a, step*s.By)
}

// SolvesDiagonal reports whether Of does.
func (s Scale[F]) SolvesDiagonal() bool { return solvesDiagonal(s.Of) }

// ProxDiagonal is Of's with step·By.
func (s Scale[F]) ProxDiagonal(dst, a, metric []F, step float64) float64 {
	return s.By * s.Of.(DiagonalPenalty[F]).ProxDiagonal(dst, a, metric, step*s.By)
}
