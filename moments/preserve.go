package moments

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/tensor"
)

// Preserve draws normal weights whose variance it chooses layer by layer from
// the propagation of the input's moments, so that every layer of weights has
// outputs of second moment 1, whatever activations, pooling, dropout and
// padding come before it. Samples are standardised, so that [Propagate] gives
// exactly 1 afterwards. The last weights in a Residual's body get 1/(n+1) for n
// residual layers in the model, so that the sum grows by less than the factor
// e; those of a projection get the rest. A NormalizedLinear without Gamma
// cannot be scaled and is left to its own norm.
//
// Source: docs/node-statistics.md.
func Preserve[F tensor.Float](in Moments) Scheme[F] {
	return func(model nn.Layer[F], rng *rand.Rand) error {
		targets := residualTargets(model)
		w := &walk[F]{mode: Training}
		w.before = func(path string, layer nn.Layer[F], in Moments) error {
			d, ok := drawnOf(layer)
			if !ok {
				return nil
			}
			d.reset()
			standardised(d.weight, rng, 1/math.Sqrt(float64(d.fans.In)))
			scaled := d.scaled()
			if scaled == nil {
				return nil
			}
			out, _, err := apply(w, path, layer, in)
			if err != nil {
				return err
			}
			target, ok := targets[path]
			if !ok {
				target = 1
			}
			factor := math.Sqrt(target / out.Pooled().second())
			if !(factor > 0) || math.IsInf(factor, 1) {
				return invalid("its inputs have second moment %v: want one above 0", in.Pooled().second())
			}
			for i, v := range scaled.Data {
				scaled.Data[i] = F(float64(v) * factor)
			}
			return nil
		}
		_, err := w.run(model, in)
		return err
	}
}

// standardised draws normal numbers and gives the sample exactly the mean 0 and
// the standard deviation. One number alone becomes ±std.
func standardised[F tensor.Float](t *tensor.Tensor[F], rng *rand.Rand, std float64) {
	tensor.Normal(t, rng, 0, 1)
	if len(t.Data) == 1 {
		t.Data[0] = F(math.Copysign(std, float64(t.Data[0])))
		return
	}
	mean, variance := sample(t.Data)
	for i, v := range t.Data {
		t.Data[i] = F((float64(v) - mean) / math.Sqrt(variance) * std)
	}
}

// residualTargets says what the last weights of each branch should give, by
// path.
func residualTargets[F tensor.Float](model nn.Layer[F]) map[string]float64 {
	last := map[string]string{} // of each branch: the path of its last weights
	n := 0
	var branches []string
	var find func(path string, layer nn.Layer[F])
	find = func(path string, layer nn.Layer[F]) {
		switch l := layer.(type) {
		case nn.Sequential[F]:
			for i, inner := range l {
				find(join(path, strconv.Itoa(i)), inner)
			}
		case *nn.Residual[F]:
			n++
			for _, branch := range []struct {
				name  string
				layer nn.Layer[F]
			}{{"body", l.Body}, {"projection", l.Projection}} {
				if branch.layer != nil {
					branches = append(branches, join(path, branch.name))
					find(join(path, branch.name), branch.layer)
				}
			}
		default:
			if _, ok := drawnOf(layer); ok {
				for _, b := range branches {
					if strings.HasPrefix(path, b) {
						last[b] = path
					}
				}
			}
		}
	}
	find("", model)
	targets := map[string]float64{}
	for branch, path := range last {
		targets[path] = 1 / float64(n+1)
		if strings.HasSuffix(branch, "projection") {
			targets[path] = float64(n) / float64(n+1)
		}
	}
	return targets
}
