package nn

import (
	"github.com/gradus-ml/gradus/internal/domain"
	"github.com/gradus-ml/gradus/tensor"
)

// NormalizedGradients is what [NormalizedPullback] computes.
type NormalizedGradients struct {
	Y, DW, DX  [][]float64 // [batch, out], [out, in], [batch, in]
	DB, DGamma []float64   // [out]; DGamma only where there is gamma
}

// NormalizedPullback computes the outputs of [NormalizedLinear] and, for the
// gradient g [batch, out] of a loss in them, the loss's gradients in weights
// [out, in], bias [out], gamma [out] or nil, and x [batch, in]; those of
// weights, bias and gamma are summed over the batch. Where g is nil only Y is
// set. It runs the layer, in float64, and returns a [*DomainError] where the
// layer would panic: "shape_mismatch", "invalid_parameter" or "zero_norm".
//
// Source: docs/normalised-linear.md.
func NormalizedPullback(weight [][]float64, bias, gamma []float64, x, g [][]float64, norm string, delta float64) (NormalizedGradients, error) {
	var none NormalizedGradients
	w, err := matrix("weight", weight, -1)
	if err != nil {
		return none, err
	}
	out := w.Shape[0]
	l := &NormalizedLinear[float64]{Weight: &Param[float64]{Value: w}, Norm: norm, Delta: delta}
	for _, v := range []struct {
		name   string
		data   []float64
		param  **Param[float64]
		absent bool
	}{{"bias", bias, &l.Bias, false}, {"gamma", gamma, &l.Gamma, gamma == nil}} {
		if v.absent {
			continue
		}
		if len(v.data) != out {
			return none, domain.Errorf(domain.ShapeMismatch, "normalizedlinear: %s of %d elements: want one for each of %d rows of weight", v.name, len(v.data), out)
		}
		*v.param = &Param[float64]{Value: tensor.From(v.data, out)}
	}
	if err := l.Validate(); err != nil {
		return none, domain.Errorf(domain.InvalidParameter, "%v", err)
	}
	if err := l.CheckNorms(); err != nil {
		return none, err
	}
	run, err := pullback(l, x, w.Shape[1], g, out)
	if err != nil {
		return none, err
	}
	r := NormalizedGradients{Y: rows(run.y)}
	if g == nil {
		return r, nil
	}
	r.DX, r.DW, r.DB = rows(run.dx), rows(l.Weight.Grad), l.Bias.Grad.Data
	if l.Gamma != nil {
		r.DGamma = l.Gamma.Grad.Data
	}
	return r, nil
}
