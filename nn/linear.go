package nn

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Linear is the affine map y = x·Wᵀ + b of x [batch, in] to [batch, out].
type Linear[F tensor.Float] struct {
	Weight *Param[F] // [out, in]
	Bias   *Param[F] // [out], or nil for none
}

// NewLinear returns a layer with weights and biases drawn from the uniform
// distribution on ±1/√in, PyTorch's default. The bound is 0 where in is 0.
func NewLinear[F tensor.Float](in, out int, rng *rand.Rand) *Linear[F] {
	l := &Linear[F]{Weight: NewParam[F](out, in), Bias: NewParam[F](out)}
	bound := 0.0
	if in > 0 {
		bound = 1 / math.Sqrt(float64(in))
	}
	tensor.Uniform(l.Weight.Value, rng, -bound, bound)
	tensor.Uniform(l.Bias.Value, rng, -bound, bound)
	return l
}

// Forward returns x·Wᵀ + b.
func (l *Linear[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	return autodiff.Linear(x, p.Use(l.Weight), p.Use(l.Bias))
}

// OutputShape is [out] for an input of [in].
func (l *Linear[F]) OutputShape(input []int) ([]int, error) {
	if in := l.Weight.Value.Shape[1]; len(input) != 1 || input[0] != in {
		return nil, fmt.Errorf("linear: input of shape %v, want [%d]", input, in)
	}
	return []int{l.Weight.Value.Shape[0]}, nil
}
