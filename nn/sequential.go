package nn

import (
	"fmt"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Sequential applies its layers one after the other.
type Sequential[F tensor.Float] []Layer[F]

// Forward passes x through every layer in order.
func (s Sequential[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	for _, layer := range s {
		x = layer.Forward(p, x)
	}
	return x
}

// OutputShape passes the shape through every layer; an error names the layer.
func (s Sequential[F]) OutputShape(input []int) ([]int, error) {
	shape := input
	for i, layer := range s {
		next, err := layer.OutputShape(shape)
		if err != nil {
			return nil, fmt.Errorf("layer %d: %w", i, err)
		}
		shape = next
	}
	return shape, nil
}
