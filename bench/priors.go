package bench

import (
	"github.com/gradus-ml/gradus/losses"
	"github.com/gradus-ml/gradus/shift"
)

// priors is expectation-maximisation for unknown class priors: a million
// posteriors over ten classes in float64, fifty iterations.
func priors() []Workload {
	const rows, classes, iterations = 1_000_000, 10, 50
	return []Workload{{
		Name: "prior_em", Unit: Milliseconds, Warm: 1, Counted: 3,
		Operations: 4 * rows * classes * iterations,
		Bytes:      8 * rows * classes * iterations,
		Prepare: func(Environment) (func(), error) {
			rng := newRand()
			z := make([]float64, rows*classes)
			for i := range z {
				z[i] = 2 * rng.NormFloat64()
			}
			p := losses.Logits{Table: losses.Table{Data: z, Classes: classes}}.Probs()
			uniform := make([]float64, classes)
			for k := range uniform {
				uniform[k] = 1. / classes
			}
			return func() {
				if _, err := shift.EM(p, uniform, uniform, iterations); err != nil {
					panic(err) // softmax gave the posteriors
				}
			}, nil
		},
	}}
}
