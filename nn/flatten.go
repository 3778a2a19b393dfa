package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Flatten turns x [batch, …] into [batch, features], the last index varying
// fastest.
type Flatten[F tensor.Float] struct{}

// Forward returns x as a matrix that shares x's values.
func (Flatten[F]) Forward(_ *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	return autodiff.Flatten(x)
}

// OutputShape is [features].
func (Flatten[F]) OutputShape(input []int) ([]int, error) {
	n, err := checkedSize("flatten", input)
	if err != nil {
		return nil, err
	}
	return []int{n}, nil
}
