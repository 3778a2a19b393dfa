package modelfile

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// excluded is the float32 bias of a class that a bias of −Inf excludes: its
// probability is exactly 0, and the file holds finite numbers only.
const excluded = -1e30

// WithLogits returns a classifier with the logits scale·z + bias for the
// logits z of m, such as a calibration or a change of priors asks for. The
// last layer takes it up if it is linear; otherwise one is added. What lies
// below is shared with m. Bias has one number for each class, −Inf to exclude
// the class; the scale and the other biases must be finite.
func (m *Model) WithLogits(scale float64, bias []float64) (*Model, error) {
	classes := len(m.Classes)
	if classes == 0 || len(bias) != classes {
		return nil, fmt.Errorf("model: %d biases for %d classes: want one for each", len(bias), classes)
	}
	if math.IsNaN(scale) || math.IsInf(scale, 0) {
		return nil, fmt.Errorf("model: logits scaled by %v: want a finite number", scale)
	}
	layers, ok := m.Net.(nn.Sequential[float32])
	if !ok {
		layers = nn.Sequential[float32]{m.Net}
	}
	layers = slices.Clone(layers)
	last := &nn.Linear[float32]{Weight: nn.NewParam[float32](classes, classes), Bias: nn.NewParam[float32](classes)}
	if n := len(layers); n > 0 && isLinear(layers[n-1]) {
		linear := layers[n-1].(*nn.Linear[float32])
		last.Weight = nn.NewParam[float32](linear.Weight.Value.Shape...)
		scaleInto(last.Weight.Value, linear.Weight.Value, scale)
		if linear.Bias != nil {
			scaleInto(last.Bias.Value, linear.Bias.Value, scale)
		}
		layers[n-1] = last
	} else {
		for k := range classes {
			last.Weight.Value.Data[k*classes+k] = float32(scale)
		}
		layers = append(layers, last)
	}
	for k, b := range bias {
		switch {
		case math.IsInf(b, -1):
			b = excluded
		case math.IsNaN(b) || math.IsInf(b, 1):
			return nil, fmt.Errorf("model: the bias %v for class %q: want a finite number or −Inf", b, m.Classes[k])
		}
		last.Bias.Value.Data[k] += float32(b)
	}
	changed := *m
	changed.Net = layers
	return &changed, nil
}

func isLinear(layer nn.Layer[float32]) bool {
	_, ok := layer.(*nn.Linear[float32])
	return ok
}

func scaleInto(dst, src *tensor.Tensor[float32], scale float64) {
	for i, v := range src.Data {
		dst.Data[i] = float32(scale * float64(v))
	}
}
