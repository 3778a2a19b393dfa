package moments

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Scheme draws the weights of a model. It sets biases to 0, but for what
// [Preserve] says of them, and leaves normalisation layers alone. Those here are [Xavier], [He], [LeCun], [Fan],
// [Orthogonal], [DeltaOrthogonal], [LSUV], [Preserve] and [PreserveFixed];
// [SchemeNamed] finds one by its name.
type Scheme[F tensor.Float] func(model nn.Layer[F], rng *rand.Rand) error

// Initialize draws the weights of a model by a scheme. An error names the layer
// that the scheme cannot serve; the layers before it are then drawn.
func Initialize[F tensor.Float](model nn.Layer[F], rng *rand.Rand, scheme Scheme[F]) error {
	return scheme(model, rng)
}

// Xavier draws normal weights of variance 2/(fan_in + fan_out): for networks
// that are nearly linear at 0, such as tanh's. Source: Glorot and Bengio 2010.
func Xavier[F tensor.Float]() Scheme[F] { return Fan[F](FanAvg, 1, false) }

// He draws normal weights of variance 2/fan_in: for ReLU. Source: He et al. 2015.
func He[F tensor.Float]() Scheme[F] { return Fan[F](FanIn, math.Sqrt2, false) }

// LeCun draws normal weights of variance 1/fan_in. Source: LeCun et al. 1998,
// "Efficient BackProp".
func LeCun[F tensor.Float]() Scheme[F] { return Fan[F](FanIn, 1, false) }

// Fan draws weights of the standard deviation that [InitStd] gives, normal or
// uniform.
func Fan[F tensor.Float](mode string, gain float64, uniform bool) Scheme[F] {
	return each(func(_ string, w drawn[F], rng *rand.Rand) error {
		std, err := InitStd(mode, w.fans.In, w.fans.Out, gain)
		if err != nil {
			return err
		}
		if uniform {
			tensor.Uniform(w.weight, rng, -math.Sqrt(3)*std, math.Sqrt(3)*std)
		} else {
			tensor.Normal(w.weight, rng, 0, std)
		}
		return nil
	})
}

// drawn is a layer whose weights a scheme draws.
type drawn[F tensor.Float] struct {
	layer       nn.Layer[F]
	weight      *tensor.Tensor[F]
	bias, gamma *nn.Param[F] // nil for none
	fans        FanCounts
}

// reset sets biases to 0 and the factors of weight normalisation to 1.
func (w drawn[F]) reset() {
	if w.bias != nil {
		clear(w.bias.Value.Data)
	}
	if w.gamma != nil {
		w.gamma.Value.Fill(1)
	}
}

// scaled is the array whose scale is that of the outputs: nil for a
// NormalizedLinear without Gamma.
func (w drawn[F]) scaled() *tensor.Tensor[F] {
	if _, is := w.layer.(*nn.NormalizedLinear[F]); !is {
		return w.weight
	}
	if w.gamma == nil {
		return nil
	}
	return w.gamma.Value
}

// drawnOf returns what there is to draw in a layer; ok is false for layers
// without weights, and for those of other packages.
func drawnOf[F tensor.Float](layer nn.Layer[F]) (w drawn[F], ok bool) {
	w.layer = layer
	switch l := layer.(type) {
	case *nn.Linear[F]:
		w.weight = l.Weight.Value
		w.fans = FanCounts{In: w.weight.Shape[1], Out: w.weight.Shape[0]}
		w.bias = l.Bias
	case *nn.NormalizedLinear[F]:
		w.weight = l.Weight.Value
		w.fans = FanCounts{In: w.weight.Shape[1], Out: w.weight.Shape[0]}
		w.bias, w.gamma = l.Bias, l.Gamma
	case *nn.Conv2D[F]:
		w.weight = l.Weight.Value
		area := w.weight.Shape[2] * w.weight.Shape[3]
		w.fans = FanCounts{In: w.weight.Shape[1] * area, Out: w.weight.Shape[0] / l.Groups * area}
		w.bias = l.Bias
	case *nn.TiedFilter[F]:
		w.weight = l.Weight.Value
		w.fans = FanCounts{In: len(w.weight.Data), Out: len(w.weight.Data)}
		if l.Mask != nil {
			w.fans = FanCounts{In: len(l.Mask.Value.Data), Out: len(l.Mask.Value.Data)}
		}
		w.bias = l.Bias
	default:
		return w, false
	}
	return w, true
}

// each makes a scheme of what draws one layer.
func each[F tensor.Float](draw func(path string, w drawn[F], rng *rand.Rand) error) Scheme[F] {
	return func(model nn.Layer[F], rng *rand.Rand) error {
		return layers("", model, func(path string, layer nn.Layer[F]) error {
			if w, ok := drawnOf(layer); ok {
				w.reset()
				return draw(path, w, rng)
			}
			return nil
		})
	}
}

// layers visits every layer that is not made of others, in order.
func layers[F tensor.Float](path string, layer nn.Layer[F], visit func(path string, layer nn.Layer[F]) error) error {
	switch l := layer.(type) {
	case nn.Sequential[F]:
		for i, inner := range l {
			if err := layers(join(path, strconv.Itoa(i)), inner, visit); err != nil {
				return err
			}
		}
		return nil
	case *nn.Residual[F]:
		if err := layers(join(path, "body"), l.Body, visit); err != nil || l.Projection == nil {
			return err
		}
		return layers(join(path, "projection"), l.Projection, visit)
	}
	if err := visit(path, layer); err != nil {
		return fmt.Errorf("layer %s: %w", path, err)
	}
	return nil
}
