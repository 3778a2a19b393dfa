package autodiff

import "math"

// maxOutputs bounds how many outputs are looked at one by one for a kink.
const maxOutputs = 64

// rightByOutputs reports whether the gradient in an element, though not between
// the slopes of φ, is right for each output by itself: where several outputs
// have a kink at one place, such as windows that share a tied maximum, each may
// take any of its own subgradients, and the sum need not lie between the
// slopes of the sum.
func (k *check[F]) rightByOutputs(i, j int) bool {
	outputs := k.moving(i, j)
	if len(outputs) < 2 || len(outputs) > maxOutputs {
		return false
	}
	whole, scale := k.cotangent, k.scales[i][j]
	defer func() { k.cotangent = whole }()
	left := k.grads[i][j]
	for _, o := range outputs {
		k.cotangent = make([]F, len(whole))
		k.cotangent[o] = whole[o]
		g := k.gradient(k.cotangent, nil)[i][j]
		line := k.element(i, j)
		r := line.read(firstStep*scale, k.target(g, max(math.Abs(g), k.sizes[i]), scale), false)
		if f, ok := r.finding(g); !ok || f.Kind != Right && f.Kind != Kink {
			return false
		}
		left -= g
	}
	return math.Abs(left) <= k.Tolerance*max(math.Abs(k.grads[i][j]), k.sizes[i])
}

// moving returns the outputs that change with an element of an input.
func (k *check[F]) moving(i, j int) []int {
	x, from, scale := k.inputs[i].Data, k.origin[i][j], k.scales[i][j]
	moved := make([]bool, len(k.value))
	for _, h := range [4]float64{-firstStep, firstStep, -firstStep / 64, firstStep / 64} {
		x[j] = F(float64(from) + h*scale)
		for o, v := range k.forward().Value.Data {
			moved[o] = moved[o] || v != k.value[o]
		}
	}
	x[j] = from
	var outputs []int
	for o, m := range moved {
		if m {
			outputs = append(outputs, o)
		}
	}
	return outputs
}
