package bench

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
)

// normalised is a normalised linear layer, 784 to 512 and a batch of 128, with
// the gradients in input, weights and bias for a given one in the output.
func normalised() []Workload {
	const in, out, batch = 784, 512, 128
	return []Workload{{
		Name: "normalised_linear_step", Unit: Milliseconds, Warm: 8, Counted: 60,
		Operations: 3 * 2 * batch * in * out,
		Bytes:      4 * in * out * 2, // read the weights; write their gradient
		Prepare: func(Environment) (func(), error) {
			rng := newRand()
			layer := nn.NewNormalizedLinear[float32](in, out, rng)
			x, g := uniform(rng, batch, in), normal(rng, batch, out)
			pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true}
			return func() {
				pass.Tape.Reset()
				pass.Tape.BackwardFrom(layer.Forward(pass, pass.Tape.Variable(x)), g.Data)
			}, nil
		},
	}}
}
