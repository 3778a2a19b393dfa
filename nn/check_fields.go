package nn

import (
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/tensor"
)

// maxSize bounds every stride, padding, width and other size of a layer, far
// above what is useful, so that no product of two can overflow.
const maxSize = 1 << 24

// mustBePositive panics unless every size a constructor was given is positive.
func mustBePositive(op string, sizes ...int) {
	for _, n := range sizes {
		if n <= 0 {
			panic(fmt.Sprintf("%s: size %d: want a positive one", op, n))
		}
	}
}

// must panics with an error of a constructor's own layer.
func must(op string, err error) {
	if err != nil {
		panic(op + ": " + err.Error())
	}
}

// checkShape returns an error unless the parameter is there, with as many
// positive dimensions as there are names.
func checkShape[F tensor.Float](layer, field string, p *Param[F], names ...string) error {
	want := "[" + strings.Join(names, ", ") + "]"
	if p == nil || p.Value == nil {
		return fmt.Errorf("%s: %s is missing: want one of shape %s", layer, field, want)
	}
	if len(p.Value.Shape) != len(names) {
		return fmt.Errorf("%s: %s of shape %v: want %s", layer, field, p.Value.Shape, want)
	}
	for _, n := range p.Value.Shape {
		if n <= 0 {
			return fmt.Errorf("%s: %s of shape %v: want positive sizes", layer, field, p.Value.Shape)
		}
	}
	return nil
}

// checkOptional returns an error if the parameter is there and is not a vector
// of n elements.
func checkOptional[F tensor.Float](layer, field string, p *Param[F], n int) error {
	if p == nil {
		return nil
	}
	if p.Value == nil || len(p.Value.Shape) != 1 || p.Value.Shape[0] != n {
		return fmt.Errorf("%s: %s of shape %v: want [%d], or none", layer, field, shapeOf(p.Value), n)
	}
	return nil
}

// checkRange returns an error unless lo ≤ n < maxSize.
func checkRange(layer, field string, n, lo int) error {
	if n < lo || n >= maxSize {
		return fmt.Errorf("%s: %s of %d: want a number from %d to %d", layer, field, n, lo, maxSize-1)
	}
	return nil
}

func shapeOf[F tensor.Float](t *tensor.Tensor[F]) []int {
	if t == nil {
		return nil
	}
	return t.Shape
}

// checkedSize is tensor.Size for a shape that may come from a file: an error
// unless the sizes are positive and their product is below 2⁴⁸.
func checkedSize(layer string, shape []int) (int, error) {
	n := 1
	for _, d := range shape {
		if d <= 0 || d >= maxSize || n >= maxSize*maxSize/d {
			return 0, fmt.Errorf("%s: shape %v: want positive sizes below %d and fewer than 2^48 elements", layer, shape, maxSize)
		}
		n *= d
	}
	return n, nil
}
