package nn

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/tensor"
)

// evaluated is one use of a layer: its output, and its input's gradient.
type evaluated struct{ y, dx *tensor.Tensor[float64] }

// pullback runs a layer forwards on a batch of vectors x [batch, in] and, where
// g [batch, out] is not nil, backwards from it. Parameters get their gradients.
func pullback(l Layer[float64], x [][]float64, in int, g [][]float64, out int) (evaluated, error) {
	input, err := matrix("x", x, in)
	if err != nil {
		return evaluated{}, err
	}
	p := &Pass[float64]{Tape: autodiff.NewTape[float64](), Train: true}
	v := p.Tape.Variable(input)
	y := l.Forward(p, v)
	r := evaluated{y: y.Value}
	if g == nil {
		return r, nil
	}
	if len(g) != len(x) {
		return evaluated{}, domain.Errorf(domain.ShapeMismatch, "g has %d rows, x %d: want one for each example", len(g), len(x))
	}
	cotangent, err := matrix("g", g, out)
	if err != nil {
		return evaluated{}, err
	}
	p.Tape.BackwardFrom(y, cotangent.Data)
	r.dx = tensor.New[float64](input.Shape...)
	if v.Grad != nil { // nil where no output depends on x
		copy(r.dx.Data, v.Grad.Data)
	}
	return r, nil
}

// matrix copies rows of one length, which is width unless that is negative.
func matrix(name string, from [][]float64, width int) (*tensor.Tensor[float64], error) {
	if len(from) == 0 {
		return nil, domain.Errorf(domain.ShapeMismatch, "%s has no rows: want at least one", name)
	}
	if width < 0 {
		width = len(from[0])
	}
	t := tensor.New[float64](len(from), width)
	for i, row := range from {
		if len(row) != width {
			return nil, domain.Errorf(domain.ShapeMismatch, "%s[%d] has %d elements: want %d", name, i, len(row), width)
		}
		copy(t.Row(i), row)
	}
	return t, nil
}

func rows(t *tensor.Tensor[float64]) [][]float64 {
	list := make([][]float64, t.Shape[0])
	for i := range list {
		list[i] = t.Row(i)
	}
	return list
}
