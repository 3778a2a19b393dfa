package nn

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Reshape gives every example another shape of the same size: x [batch, …]
// becomes [batch, Shape…].
type Reshape[F tensor.Float] struct {
	Shape []int
}

// NewReshape returns the layer. It panics unless the sizes are positive.
func NewReshape[F tensor.Float](shape ...int) *Reshape[F] {
	mustBePositive("nn.NewReshape", shape...)
	return &Reshape[F]{Shape: slices.Clone(shape)}
}

// Validate reports a shape with sizes that are not positive, or too many
// elements to count.
func (l *Reshape[F]) Validate() error {
	_, err := checkedSize("reshape", l.Shape)
	return err
}

// Forward returns x under the new shape, sharing its values.
func (l *Reshape[F]) Forward(_ *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	var room [8]int // on the stack for any usual rank
	xs := x.Shape()
	if len(xs) == 0 || tensor.Size(xs[1:]) != tensor.Size(l.Shape) {
		panic(tensor.Mismatch("nn.Reshape", "x [batch …] with as many elements an example as the new shape", xs, l.Shape))
	}
	return autodiff.Reshape(x, append(append(room[:0], xs[0]), l.Shape...)...)
}

// OutputShape is Shape, for any input of its size.
func (l *Reshape[F]) OutputShape(input []int) ([]int, error) {
	n, err := checkedSize("reshape", input)
	if err != nil {
		return nil, err
	}
	if want, err := checkedSize("reshape", l.Shape); err != nil || n != want {
		return nil, fmt.Errorf("reshape: input of shape %v has %d elements, the new shape %v has %d", input, n, l.Shape, want)
	}
	return slices.Clone(l.Shape), nil
}
