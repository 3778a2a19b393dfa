package prox

import (
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/tensor"
)

// Translate is Of(x − By), a penalty about another centre, such as
// lambda/2·‖x−c‖². Its proximal map, argmin over z of Of(z − By) +
// ‖z−a‖²/(2·step), is By + (Of's at a − By). By has the length
// of the array, which is solved as a whole; Of is separable or ties all of it.
// Steps that hold a Translate do not compare with ==.
type Translate[F tensor.Float] struct {
	Of Penalty[F]
	By []F
}

// Validate asks the penalty.
func (t Translate[F]) Validate() error { return inner("Translate", t.Of) }

// Piece is the array's size.
func (t Translate[F]) Piece(shape []int) int { return tensor.Size(shape) }

// Fits refuses shapes whose size is not the length of By.
func (t Translate[F]) Fits(shape []int) error {
	if n := tensor.Size(shape); n != len(t.By) {
		return domain.Errorf(domain.ShapeMismatch, "prox: Translate.By has %d elements for an array of %d: want one for each", len(t.By), n)
	}
	if piece := t.Of.Piece(shape); piece != 0 && piece != len(t.By) {
		return domain.Errorf(domain.ShapeMismatch, "prox: Translate of a penalty on pieces of %d, an array of %d: want one that is separable or of the whole array", piece, len(t.By))
	}
	return fits(t.Of, shape)
}

// Value is Of(x − By). It allocates.
func (t Translate[F]) Value(x []F) float64 {
	moved := make([]F, len(x))
	t.from(moved, x)
	return t.Of.Value(moved)
}

// Prox computes By + (Of's proximal map at a − By).
func (t Translate[F]) Prox(dst, a []F, step float64) float64 {
	t.from(dst, a)
	value := t.Of.Prox(dst, dst, step)
	t.back(dst)
	return value
}

// SolvesDiagonal reports whether Of does.
func (t Translate[F]) SolvesDiagonal() bool { return solvesDiagonal(t.Of) }

// ProxDiagonal computes By + (Of's at a − By).
func (t Translate[F]) ProxDiagonal(dst, a, metric []F, step float64) float64 {
	t.from(dst, a)
	value := t.Of.(DiagonalPenalty[F]).ProxDiagonal(dst, dst, metric, step)
	t.back(dst)
	return value
}

func (t Translate[F]) from(dst, a []F) {
	sameLength("prox.Translate", dst, a)
	sameLength("prox.Translate", t.By, a)
	for i, v := range a {
		dst[i] = v - t.By[i]
	}
}

func (t Translate[F]) back(dst []F) {
	for i, v := range t.By {
		dst[i] += v
	}
}
