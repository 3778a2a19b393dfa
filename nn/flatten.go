package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Flatten turns x [batch, …] into [batch, features], the last index varying
// fastest.
type Flatten[F tensor.Float] struct{}

// Forward returns x as a matrix.
func (Flatten[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	xs := x.Shape()
	if len(xs) == 0 {
		panic(tensor.Mismatch("nn.Flatten", "[batch …]", xs))
	}
	shape := [2]int{xs[0], tensor.Size(xs[1:])}
	return reshape(p, x, shape[:])
}

// OutputShape is [features].
func (Flatten[F]) OutputShape(input []int) ([]int, error) {
	n, err := checkedSize("flatten", input)
	if err != nil {
		return nil, err
	}
	return []int{n}, nil
}
