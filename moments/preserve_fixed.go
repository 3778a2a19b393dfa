package moments

import (
	"math"
	"math/rand/v2"

	"github.com/gradus-ml/gradus/internal/simd"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// PreserveFixed is [Preserve] for the weights that were drawn and not for the
// mean over draws: it takes each layer's scale from [PropagateFixed], so that
// the second moments measured in one deep network of finite width are near 1,
// not only those of many on average. It needs no data. It serves the models
// that PropagateFixed serves.
//
// Source: docs/node-statistics.md.
func PreserveFixed[F tensor.Float](in Moments) Scheme[F] {
	return func(model nn.Layer[F], rng *rand.Rand) error {
		if err := Preserve[F](in)(model, rng); err != nil {
			return err
		}
		f, err := newFixed[F](in, Training)
		if err != nil {
			return err
		}
		f.after = func(_ string, layer nn.Layer[F]) error {
			d, ok := drawnOf(layer)
			if !ok || d.scaled() == nil {
				return nil
			}
			_, second, trace := f.moments()
			factor := 1 / math.Sqrt(second+trace)
			if !(factor > 0) || math.IsInf(factor, 1) {
				return invalid("its outputs have second moment %v: want one above 0", second+trace)
			}
			scaled := d.scaled().Data
			for i, v := range scaled {
				scaled[i] = F(float64(v) * factor)
			}
			if d.bias != nil {
				for i, v := range d.bias.Value.Data {
					d.bias.Value.Data[i] = F(float64(v) * factor)
				}
			}
			simd.Scale(f.mean, f.mean, factor)
			simd.Scale(f.covariance.Data, f.covariance.Data, factor*factor)
			return nil
		}
		return f.layer("", model)
	}
}
