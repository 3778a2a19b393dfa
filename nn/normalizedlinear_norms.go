package nn

import (
	"math"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// norm returns n for a row of the given length, and whether it moves with the
// row.
func (l *NormalizedLinear[F]) norm(length, delta float64) (n float64, moves bool) {
	switch {
	case l.Norm == NormSqrt:
		return math.Hypot(length, delta), true
	case l.Norm == NormMax && length < delta:
		return delta, false
	}
	return length, true
}

// measure sets op's weights and their norms. y does not change when a row and
// its bias are scaled together, so that where a norm is so small or large that
// its powers leave the range of F, op works on a copy of the weights, each row
// scaled by a power of 2 that brings its norm near 1.
func (l *NormalizedLinear[F]) measure(tape *autodiff.Tape[F], op *normalizedLinear[F]) {
	op.w = op.weight.Value
	op.inverse = tape.Scratch(op.w.Shape[0])
	op.pull = tape.Scratch(op.w.Shape[0])
	width := op.w.Shape[1]
	lo, hi := modest[F]()
	for i := range op.inverse {
		n, moves := l.norm(simd.Norm(op.w.Data[i*width:][:width]), l.Delta)
		if n == 0 {
			panic(zeroNorm(i))
		}
		if n < lo || n > hi && !math.IsInf(n, 1) {
			l.measureScaled(tape, op)
			return
		}
		op.set(i, n, moves)
	}
}

func (l *NormalizedLinear[F]) measureScaled(tape *autodiff.Tape[F], op *normalizedLinear[F]) {
	w := op.weight.Value
	width := w.Shape[1]
	op.w = tensor.From(tape.Scratch(len(w.Data)), w.Shape...)
	op.exponent = tape.Indices(len(op.inverse))
	for i := range op.inverse {
		row, scaled := w.Data[i*width:][:width], op.w.Data[i*width:][:width]
		size := float64(simd.AbsMax(row))
		if l.Norm != NormExact {
			size = max(size, l.Delta)
		}
		if size == 0 {
			panic(zeroNorm(i))
		}
		_, e := math.Frexp(size)
		op.exponent[i] = int32(e)
		for j, v := range row {
			scaled[j] = F(math.Ldexp(float64(v), -e))
		}
		n, moves := l.norm(simd.Norm(scaled), math.Ldexp(l.Delta, -e))
		op.set(i, n, moves)
	}
}

// modest is the range of norms whose cubes and inverse cubes F holds with room
// to spare.
func modest[F tensor.Float]() (lo, hi float64) {
	if F(1)+F(1e-10) == 1 {
		return 0x1p-24, 0x1p24
	}
	return 0x1p-200, 0x1p200
}

// CheckNorms runs the CheckNorms of every [NormalizedLinear] in a model, for
// weights that come from outside. An error begins with the layer's path.
func CheckNorms[F tensor.Float](model any) error {
	for path, l := range walk[*NormalizedLinear[F]](model) {
		if err := l.CheckNorms(); err != nil {
			return at(path, "%w", err)
		}
	}
	return nil
}

func zeroNorm(row int) error {
	return domain.Errorf(domain.ZeroNorm, "normalizedlinear: row %d of weight has norm 0, and no direction: want a weight that is not 0, or the norm %q or %q with a positive delta", row, NormSqrt, NormMax)
}
