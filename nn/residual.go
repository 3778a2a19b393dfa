package nn

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/tensor"
)

// Residual adds its input to what its body makes of it: x + Body(x), or
// Projection(x) + Body(x) where the body changes the shape.
//
// Source: He et al. 2016, "Deep Residual Learning for Image Recognition".
type Residual[F tensor.Float] struct {
	Body       Layer[F]
	Projection Layer[F] // nil for the identity
}

// Validate reports a missing body.
func (l *Residual[F]) Validate() error {
	if l.Body == nil {
		return fmt.Errorf("residual: body is missing: want a layer")
	}
	return nil
}

// Forward returns the sum. Panics with a [*tensor.ShapeError] if the two do not
// have one shape.
func (l *Residual[F]) Forward(p *Pass[F], x *autodiff.Var[F]) *autodiff.Var[F] {
	a, b := x, l.Body.Forward(p, x)
	if l.Projection != nil {
		a = l.Projection.Forward(p, x)
	}
	return autodiff.Add(a, b)
}

// OutputShape is that of the body, for an input from which the other branch
// gives the same.
func (l *Residual[F]) OutputShape(input []int) ([]int, error) {
	body, err := l.Body.OutputShape(input)
	if err != nil {
		return nil, fmt.Errorf("residual: body: %w", err)
	}
	other := input
	if l.Projection != nil {
		if other, err = l.Projection.OutputShape(input); err != nil {
			return nil, fmt.Errorf("residual: projection: %w", err)
		}
	}
	if !slices.Equal(body, other) {
		return nil, fmt.Errorf("residual: the body gives shape %v, the other branch %v: want one shape", body, other)
	}
	return body, nil
}
