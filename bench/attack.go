package bench

import (
	"context"

	"github.com/gradus-ml/gradus/attack"
	"github.com/gradus-ml/gradus/tensor"
)

// attacks is one batch of the fast gradient sign method: the gradient in the
// input, a step of 0.1 by its signs, inside [0, 1].
func attacks() []Workload {
	const batch = 128
	build := perceptron(784, 512, 256, 10)
	return []Workload{{
		Name: "fgsm_batch", Unit: Milliseconds, Warm: 8, Counted: 60,
		Operations: 2 * 2 * batch * multiplyAdds(build(newRand()), []int{784}).all, // forward, and back to the input
		Prepare: func(Environment) (func(), error) {
			rng := newRand()
			attacker, err := attack.New[float32](build(rng), attack.FGSM(attack.LInf(0.1), attack.Unit()))
			if err != nil {
				return nil, err
			}
			x, labels := uniform(rng, batch, 784), randomLabels(rng, batch, 10)
			adv := tensor.New[float32](batch, 784)
			return func() {
				if err := attacker.Perturb(context.Background(), adv, x, labels); err != nil {
					panic(err) // the data are finite: a kernel is wrong
				}
			}, nil
		},
	}}
}
