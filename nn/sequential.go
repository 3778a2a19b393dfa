package nn

import (
	"fmt"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Sequential applies its layers one after the other.
type Sequential[F tensor.Float] []Layer[F]

// Forward passes x through every layer in order, with two exceptions that change
// neither values nor gradients. The maxima that follow a ReLU are taken before
// it: the ReLU of the largest is the largest ReLU, and there are fewer to
// compute. The ReLU that follows a linear layer is taken while its product is
// stored: one operation, and one activation to keep.
func (s Sequential[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	for i := 0; i < len(s); i++ {
		if linear, ok := s[i].(*Linear[F]); ok && s.rectified(i) {
			x = linear.forward(p, x, true)
			i++
			continue
		}
		if s.commutes(i) {
			x = s[i+1].Forward(p, x)
			x = s[i].Forward(p, x)
			i++
			continue
		}
		x = s[i].Forward(p, x)
	}
	return x
}

// rectified says whether a ReLU follows layer i.
func (s Sequential[F]) rectified(i int) bool {
	if i+1 == len(s) {
		return false
	}
	_, relu := s[i+1].(ReLU[F])
	return relu
}

// commutes says whether layer i may change places with the next.
func (s Sequential[F]) commutes(i int) bool {
	if i+1 == len(s) {
		return false
	}
	_, relu := s[i].(ReLU[F])
	_, pool := s[i+1].(*MaxPool2D[F])
	return relu && pool
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
