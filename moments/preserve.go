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
// exactly 1 afterwards. Behind an activation under which deviations from 1 grow
// from layer to layer, such as GELU and SiLU, a layer with a bias gets part of
// its second moment from biases, drawn normal, just as much as makes deviations
// shrink; elsewhere biases are 0. The last weights in a Residual's body get 1/(n+1) for n
// residual layers in the model, so that the sum grows by less than the factor
// e; those of a projection get the rest. A NormalizedLinear without Gamma
// cannot be scaled and is left to its own norm.
//
// Source: docs/node-statistics.md; for biases that hold the signal, Hayou, Doucet
// and Rousseau 2019.
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
			held := 0.0 // the part of the target that the biases are
			if d.bias != nil && len(d.bias.Value.Data) > 1 {
				held = heldByBiases(in)
			}
			if held > 0 {
				standardised(d.bias.Value, rng, math.Sqrt(held*target))
			}
			factor := math.Sqrt((1 - held) * target / out.Pooled().second())
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

// steady is by how much a layer shrinks deviations where biases hold them: the
// slope of s is upwards, so that 1 would not do; and the smaller it is, the more
// all examples have in common, and the less gradient arrives at the first layer.
const steady = 0.9

// heldByBiases returns which part of a layer's second moment is to be that of
// its biases, so that it cannot flee. Outputs of the activation before it grow
// by a power s of what its inputs grow by, near their size here (in second
// moments). Under ReLU s is 1 and under tanh and sigmoid below; under GELU and
// SiLU it is above, and a layer that came out a little large makes all after it
// larger still, in every example by itself. With biases of 1 − steady/s of the
// whole, deviations shrink by the factor steady instead.
func heldByBiases(in Moments) float64 {
	if in.function.Value == nil {
		return 0
	}
	const step = 1e-3
	larger := func(by float64) float64 {
		sum := 0.0
		for _, c := range in.Cells {
			sum += through(in.function, c.latent.mean*math.Sqrt(by), c.latent.variance*by).SecondMoment
		}
		return sum
	}
	s := (math.Log(larger(1+step)) - math.Log(larger(1/(1+step)))) / (2 * math.Log1p(step))
	if !(s > 1+1e-6) {
		return 0
	}
	return 1 - steady/s
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
