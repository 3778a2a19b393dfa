package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/tensor"
)

// NormalizedLinear divides a linear layer's outputs by the norms n of its rows
// of weights: of x [batch, in] it makes y [batch, out],
//
//	yᵢ = (wᵢ·x + bᵢ)/nᵢ
//
// the signed distance of x from the hyperplane of output i. Scaling a row and
// its bias by one positive factor changes nothing; gradients are orthogonal to
// (wᵢ, bᵢ), so that steps of plain gradient descent only lengthen it. With
// Gamma it is weight normalisation, whose bias is not divided:
//
//	yᵢ = γᵢ·wᵢ·x/nᵢ + bᵢ
//
// Norm says what n is: NormExact ‖w‖; NormSqrt √(‖w‖² + Delta²); NormMax
// max(‖w‖, Delta), constant below Delta. Weights of any size that F can hold
// give a right y. Where n is 0 there is neither a value nor a limit: Forward
// panics with a [*DomainError] of code "zero_norm", which
// [NormalizedLinear.CheckNorms] returns as an error beforehand.
//
// Sources: docs/normalised-linear.md; Salimans and Kingma 2016, "Weight
// Normalization".
type NormalizedLinear[F tensor.Float] struct {
	Weight *Param[F] // [out, in]
	Bias   *Param[F] // [out], or nil for none
	Gamma  *Param[F] // [out], or nil for 1 and a bias inside the division
	Norm   string    // NormExact, NormSqrt or NormMax
	Delta  float64   // not negative; used by NormSqrt and NormMax
}

// The norms of [NormalizedLinear].
const (
	NormExact = "none" // ‖w‖, not regularised
	NormSqrt  = "sqrt" // √(‖w‖² + Delta²)
	NormMax   = "max"  // max(‖w‖, Delta)
)

// NewNormalizedLinear returns a layer under NormExact and without Gamma, with
// weights and biases drawn from the uniform distribution on ±1/√in. It panics
// unless in and out are positive.
func NewNormalizedLinear[F tensor.Float](in, out int, rng *rand.Rand) *NormalizedLinear[F] {
	l := NewLinear[F](in, out, rng)
	return &NormalizedLinear[F]{Weight: l.Weight, Bias: l.Bias, Norm: NormExact}
}

// NewWeightNorm returns weight normalisation under NormExact: Gamma 1, bias 0,
// and weights from the standard normal distribution. It panics unless in and
// out are positive.
func NewWeightNorm[F tensor.Float](in, out int, rng *rand.Rand) *NormalizedLinear[F] {
	mustBePositive("nn.NewWeightNorm", in, out)
	l := &NormalizedLinear[F]{Weight: NewParam[F](out, in), Bias: NewParam[F](out), Gamma: NewParam[F](out), Norm: NormExact}
	tensor.Normal(l.Weight.Value, rng, 0, 1)
	l.Gamma.Value.Fill(1)
	return l
}

// Validate reports fields that do not fit together. It does not look at the
// weights: see CheckNorms.
func (l *NormalizedLinear[F]) Validate() error {
	const layer = "normalizedlinear"
	if err := checkShape(layer, "weight", l.Weight, "out", "in"); err != nil {
		return err
	}
	out := l.Weight.Value.Shape[0]
	if err := checkOptional(layer, "bias", l.Bias, out); err != nil {
		return err
	}
	if err := checkOptional(layer, "gamma", l.Gamma, out); err != nil {
		return err
	}
	if l.Norm != NormExact && l.Norm != NormSqrt && l.Norm != NormMax {
		return fmt.Errorf("%s: norm %q: want none, sqrt or max", layer, l.Norm)
	}
	if !(l.Delta >= 0) || math.IsInf(l.Delta, 1) {
		return fmt.Errorf("%s: delta %v: want a finite number of at least 0", layer, l.Delta)
	}
	return nil
}

// CheckNorms returns a [*DomainError] of code "zero_norm" that names the first
// row whose norm is 0, if there is one.
func (l *NormalizedLinear[F]) CheckNorms() error {
	for i := range l.Weight.Value.Shape[0] {
		if n, _ := l.norm(simd.Norm(l.Weight.Value.Row(i)), l.Delta); n == 0 {
			return zeroNorm(i)
		}
	}
	return nil
}

// Forward returns y. It panics with a [*tensor.ShapeError] if x does not fit.
func (l *NormalizedLinear[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	xs, ws := x.Shape(), l.Weight.Value.Shape
	if len(xs) != 2 || len(ws) != 2 || xs[1] != ws[1] {
		panic(tensor.Mismatch("nn.NormalizedLinear", "x [batch in] and weight [out in]", xs, ws))
	}
	op := normalizedLinear[F]{x: x, weight: p.Use(l.Weight), bias: p.Use(l.Bias), gamma: p.Use(l.Gamma)}
	inputs := [4]*autodiff.Var[F]{x, op.weight}
	n := 2
	for _, v := range [2]*autodiff.Var[F]{op.bias, op.gamma} {
		if v != nil {
			if len(v.Value.Data) != ws[0] {
				panic(tensor.Mismatch("nn.NormalizedLinear", "weight [out in], bias and gamma [out]", ws, v.Shape()))
			}
			inputs[n] = v
			n++
		}
	}
	shape := [2]int{xs[0], ws[0]}
	op.y = p.Tape.Output(shape[:], inputs[:n]...)
	l.measure(p.Tape, &op)
	op.apply(p.Tape)
	return autodiff.Record(op.y, op)
}

// OutputShape is [out] for an input of [in].
func (l *NormalizedLinear[F]) OutputShape(input []int) ([]int, error) {
	if in := l.Weight.Value.Shape[1]; len(input) != 1 || input[0] != in {
		return nil, fmt.Errorf("normalizedlinear: input of shape %v, want [%d]", input, in)
	}
	return []int{l.Weight.Value.Shape[0]}, nil
}

func (l *NormalizedLinear[F]) multiplyAdds([]int) int { return len(l.Weight.Value.Data) }
