package attack

import (
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// network is a model as a list of operations on the values of one image, in
// float64. Value 0 is the input; operation i computes value i+1.
type network struct {
	operations []operation
	sizes      []int // of the values
	unit       float64
	largest    float64 // number of F
}

// operation applies a rule to values.
type operation struct {
	rule   rule
	inputs []int
}

// compile lists the operations of a model.
func compile[F tensor.Float](model nn.Layer[F], input []int) (*network, error) {
	output, err := model.OutputShape(input)
	if err != nil {
		return nil, fmt.Errorf("attack: %w", err)
	}
	if len(output) != 1 || output[0] < 1 {
		return nil, domain.Errorf(domain.ShapeMismatch, "the model gives outputs of shape %v: want [classes]", output)
	}
	n := &network{sizes: []int{tensor.Size(input)}}
	n.unit, n.largest = precision[F]()
	if _, err := add(n, model, "", 0, input); err != nil {
		return nil, err
	}
	if len(n.operations) == 0 {
		return nil, invalid("the model computes nothing: want a layer with a rule")
	}
	return n, nil
}

// apply adds an operation and returns the value that it computes.
func (n *network) apply(r rule, size int, inputs ...int) int {
	n.operations = append(n.operations, operation{r, inputs})
	n.sizes = append(n.sizes, size)
	return len(n.sizes) - 1
}

// add lists the operations of a layer, which reads value from of a shape, and
// returns the value that it computes.
func add[F tensor.Float](n *network, layer nn.Layer[F], path string, from int, shape []int) (int, error) {
	output, err := layer.OutputShape(shape)
	if err != nil {
		return 0, fmt.Errorf("attack: layer %s: %w", path, err)
	}
	size := tensor.Size(output)
	switch l := layer.(type) {
	case nn.Sequential[F]:
		for i, each := range l {
			if from, err = add(n, each, strings.TrimPrefix(fmt.Sprintf("%s.%d", path, i), "."), from, shape); err != nil {
				return 0, err
			}
			if shape, err = each.OutputShape(shape); err != nil {
				return 0, err
			}
		}
		return from, nil
	case *nn.Residual[F]:
		body, err := add(n, l.Body, path+".body", from, shape)
		if err != nil {
			return 0, err
		}
		other := from
		if l.Projection != nil {
			if other, err = add(n, l.Projection, path+".projection", from, shape); err != nil {
				return 0, err
			}
		}
		return n.apply(sum{}, size, body, other), nil
	case nn.Flatten[F], *nn.Flatten[F], *nn.Reshape[F], nn.Dropout[F], *nn.Dropout[F]:
		return from, nil // the same numbers in the same order
	case nn.ReLU[F], *nn.ReLU[F]:
		return n.apply(leaky{0, 0}, size, from), nil
	case nn.LeakyReLU[F]:
		return addLeaky(n, l.Slope, float64(F(l.Slope)), path, size, from)
	case *nn.LeakyReLU[F]:
		return addLeaky(n, l.Slope, float64(F(l.Slope)), path, size, from)
	case *nn.Linear[F]:
		return n.apply(newDense(l), size, from), nil
	case *nn.Conv2D[F]:
		return n.apply(newConvolution(l, shape), size, from), nil
	case *nn.AvgPool2D[F]:
		return n.apply(newAverage(l, shape), size, from), nil
	case *nn.MaxPool2D[F]:
		return n.apply(newMaximum(l, shape), size, from), nil
	case *nn.BatchNorm[F]:
		return n.apply(newDiagonalOfBatchNorm(l, size), size, from), nil
	case *Standardize[F]:
		return n.apply(newDiagonalOfStandardize(l, size), size, from), nil
	}
	kind, _, _ := strings.Cut(strings.TrimPrefix(fmt.Sprintf("%T", layer), "*"), "[")
	return 0, invalid("layer %q (%s) has no rule for certified bounds: want Linear, Conv2D, ReLU, LeakyReLU, Flatten, Reshape, Dropout, MaxPool2D, AvgPool2D, BatchNorm, Residual, Sequential or Standardize", path, kind)
}

func addLeaky(n *network, slope, rounded float64, path string, size, from int) (int, error) {
	if !(slope >= 0 && slope <= 1) {
		return 0, invalid("layer %q (nn.LeakyReLU) has slope %v: want one in [0, 1] for certified bounds", path, slope)
	}
	return n.apply(leaky{min(slope, rounded), max(slope, rounded)}, size, from), nil
}

// wide returns numbers as float64.
func wide[F tensor.Float](x []F) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

// image returns a shape [channels, height, width] as three numbers.
func image(shape []int) (channels, height, width int) { return shape[0], shape[1], shape[2] }
