package prox

import (
	"math"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// Norm is the radial penalty R = ρ(‖x‖) of problem 6: of an array as a whole,
// or summed over its rows. Its proximal map keeps the direction of a and gives
// it the length l that [Radial.Length] finds:
//
//	z = l·a/‖a‖,  l = argmin over l ≥ 0 of ρ(l) + (l−‖a‖)²/(2·step).
//
// Where a = 0 and l > 0 every vector of length l is a minimiser, and z is the
// one along the first axis. Source: docs/norm-prox.md.
type Norm[F tensor.Float] struct {
	Rho Radial
	Per Per
}

// Per says which elements a penalty ties together.
type Per int

const (
	PerArray Per = iota // all of an array
	PerRow              // a row x[i, …]: the inputs of one neuron, or one filter of a convolution
)

// String names the pieces.
func (p Per) String() string {
	if p == PerRow {
		return "row"
	}
	return "array"
}

// MarshalText gives the name, for JSON.
func (p Per) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

func (p Per) validate(name string) error {
	if p != PerArray && p != PerRow {
		return invalid("%s.Per is %d: want PerArray or PerRow", name, int(p))
	}
	return nil
}

// piece returns the length of the pieces of an array of the given shape.
func (p Per) piece(shape []int) int {
	if p == PerRow && len(shape) > 0 {
		return tensor.Size(shape[1:])
	}
	return tensor.Size(shape)
}

// Validate refuses a missing or invalid Rho and an unknown Per.
func (n Norm[F]) Validate() error {
	if n.Rho == nil {
		return invalid("Norm.Rho is nil: want a Radial")
	}
	if err := n.Per.validate("Norm"); err != nil {
		return err
	}
	return n.Rho.Validate()
}

// Piece is the size of a row, or of the array.
func (n Norm[F]) Piece(shape []int) int { return n.Per.piece(shape) }

// Value is ρ(‖x‖) of one piece. Rounding in F does not take a point out of a
// [Ball].
func (n Norm[F]) Value(x []F) float64 {
	r := simd.Norm(x)
	if ball, ok := n.Rho.(Ball); ok && single[F]() {
		return ball.at(r, 1e-6)
	}
	return n.Rho.At(r)
}

// Prox computes l·a/‖a‖ of one piece.
func (n Norm[F]) Prox(dst, a []F, step float64) float64 { return n.prox(dst, a, step, alone) }

// streaming is n, fetching the piece that follows, and writing past the caches
// if asked to.
func (n Norm[F]) streaming(past bool) Penalty[F] {
	if past {
		return streamedNorm[F]{n, pastCaches}
	}
	return streamedNorm[F]{n, fetching}
}

type streamedNorm[F tensor.Float] struct {
	Norm[F]
	how scaling
}

func (n streamedNorm[F]) Prox(dst, a []F, step float64) float64 { return n.prox(dst, a, step, n.how) }

// scaling is how a piece is scaled: alone, fetching the one that follows, or
// that and writing past the caches.
type scaling int

const (
	alone scaling = iota
	fetching
	pastCaches
)

func (n Norm[F]) prox(dst, a []F, step float64, how scaling) float64 {
	sameLength("prox.Norm", dst, a)
	if len(a) == 0 {
		return n.Rho.At(0)
	}
	norm := simd.Norm(a)
	if !(norm <= math.MaxFloat64) {
		simd.Scale(dst, a, F(math.NaN()))
		return math.NaN()
	}
	l := n.Rho.Length(norm, step)
	stretch(dst, a, norm, l, how)
	return n.Rho.At(l)
}

// stretch writes the vector of length l in the direction of a to dst; norm is
// ‖a‖, finite.
func stretch[F tensor.Float](dst, a []F, norm, l float64, how scaling) {
	switch factor := l / norm; {
	case l == norm:
		copy(dst, a)
	case l == 0:
		clear(dst)
	case norm == 0:
		clear(dst)
		dst[0] = F(l)
	case factor > 1e30:
		// The factor may leave the range of F where the result does not.
		for i, v := range a {
			dst[i] = F(float64(v) / norm * l)
		}
	case how == fetching:
		simd.ScaleNext(dst, a, following(a), F(factor))
	case how == pastCaches:
		simd.ScaleStream(dst, a, following(a), F(factor))
	default:
		simd.Scale(dst, a, F(factor))
	}
}

// following returns what follows the piece a in its array, as much again, or a
// itself where that is less.
func following[F tensor.Float](a []F) []F {
	if n := len(a); cap(a) >= 2*n {
		return a[n : 2*n]
	}
	return a
}
