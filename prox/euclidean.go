package prox

import (
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Euclidean is D(z, x) = ‖z−x‖²/2, the geometry of plain gradient descent:
//
//	z = argmin of ⟨d, z⟩ + R(z) + ‖z−x‖²/(2·step) = prox of step·R at x − step·d.
//
// Every penalty has a closed form in it.
type Euclidean[F tensor.Float] struct{}

// Divergence returns ‖z−x‖²/2.
func (Euclidean[F]) Divergence(z, x []F) float64 { return simd.SquaredDistance(z, x) / 2 }

// Solver returns the proximal gradient step of penalty.
func (Euclidean[F]) Solver(penalty Penalty[F]) (Solver[F], error) {
	if affine, ok := penalty.(AffinePenalty[F]); ok {
		return euclideanAffine[F]{affine}, nil
	}
	return euclideanProx[F]{penalty}, nil
}

type euclideanProx[F tensor.Float] struct{ Penalty[F] }

func (s euclideanProx[F]) Step(at Point[F], step float64) {
	a := at.X
	if len(at.Scratch) > 0 {
		a = at.Scratch // apart from X: some maps are faster that way
		copy(a, at.X)
	}
	simd.AddScaled(a, at.Direction, F(-step*at.Times))
	piece := at.pieceLength()
	for lo := 0; lo < len(a); lo += piece {
		s.Prox(at.X[lo:lo+piece], a[lo:lo+piece], step)
	}
}

type euclideanAffine[F tensor.Float] struct{ AffinePenalty[F] }

func (s euclideanAffine[F]) Step(at Point[F], step float64) {
	simd.ShrinkStep(at.X, at.Direction, step*at.Times, s.Shrink(step))
}
