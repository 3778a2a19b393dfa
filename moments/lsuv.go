package moments

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// LSUV draws orthogonal weights and scales each layer's, in order, so that the
// variance of its outputs on the batch is 1. It needs data, and no theory. A
// NormalizedLinear without Gamma cannot be scaled and keeps its variance. A
// layer whose outputs do not vary is an error. Source: Mishkin and Matas 2016,
// "All you need is a good init".
func LSUV[F tensor.Float](batch *tensor.Tensor[F]) Scheme[F] {
	return func(model nn.Layer[F], rng *rand.Rand) error {
		if err := Orthogonal[F](1)(model, rng); err != nil {
			return err
		}
		if _, err := model.OutputShape(batch.Shape[1:]); err != nil {
			return err
		}
		pass := &nn.Pass[F]{Tape: autodiff.NewTape[F](), Train: true, Rand: rng}
		w := lsuv[F]{m: measuring[F]{pass: pass}}
		w.m.after = w.scale
		w.m.forward(model, pass.Tape.Constant(batch))
		return w.err
	}
}

type lsuv[F tensor.Float] struct {
	m   measuring[F]
	err error
}

// scale scales a layer's weights for the outputs y, and returns the new ones.
func (s *lsuv[F]) scale(layer nn.Layer[F], y *autodiff.Var[F]) *autodiff.Var[F] {
	w, ok := drawnOf(layer)
	scaled := w.scaled()
	if !ok || scaled == nil || s.err != nil {
		return y
	}
	_, variance := sample(y.Value.Data)
	factor := 1 / math.Sqrt(variance)
	if !(factor > 0) || math.IsInf(factor, 1) {
		s.err = invalid("a layer of kind %s has outputs of variance %v on the batch: want one above 0", nn.KindOf(layer), variance)
		return y
	}
	for i, v := range scaled.Data { // biases are 0: the outputs scale alike
		scaled.Data[i] = F(float64(v) * factor)
	}
	return autodiff.Scale(y, factor)
}
