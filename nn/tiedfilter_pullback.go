package nn

import (
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/tensor"
)

// FilterGradients is what [FilterPullback] computes.
type FilterGradients struct {
	Y, DX [][]float64 // [batch, M], [batch, N]
	DW    []float64   // of the weights given: one for tied taps
	DB    float64
}

// FilterPullback computes the outputs of [TiedFilter] for x [batch, N] and, for
// the gradient g [batch, M] of a loss in them, the loss's gradients in x, the
// weights and the bias, the last two summed over the batch. A mask [taps] ties
// the taps to the one weight; nil leaves them free. It runs the layer, in
// float64. Rows of other lengths than M are an error of code "shape_mismatch",
// sizes outside their range one of "invalid_parameter".
//
// Source: docs/tied-dilated-filter.md.
func FilterPullback(weight, mask []float64, bias float64, dilation, stride, padding int, x, g [][]float64) (FilterGradients, error) {
	l := &TiedFilter[float64]{
		Weight:   &Param[float64]{Value: tensor.From(weight, len(weight))},
		Bias:     &Param[float64]{Value: tensor.From([]float64{bias}, 1)},
		Dilation: dilation, Stride: stride, Padding: padding,
	}
	if mask != nil {
		l.Mask = &Buffer[float64]{Value: tensor.From(mask, len(mask))}
	}
	if err := l.Validate(); err != nil {
		return FilterGradients{}, domain.Errorf(domain.InvalidParameter, "%v", err)
	}
	n := 0
	if len(x) > 0 {
		n = len(x[0])
	}
	run, err := pullback(l, x, n, g, l.length(n))
	if err != nil {
		return FilterGradients{}, err
	}
	r := FilterGradients{Y: rows(run.y)}
	if g != nil {
		r.DX, r.DW, r.DB = rows(run.dx), l.Weight.Grad.Data, l.Bias.Grad.Data[0]
	}
	return r, nil
}
