package bench

import (
	"math/rand/v2"

	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/prox"
	"github.com/gradus-ml/gradus/tensor"
)

// updates are optimiser steps and proximal maps over large arrays: work that
// memory bounds.
func updates() []Workload {
	const million = 1_000_000
	return []Workload{
		averaged("ema_proximal_update", true),
		averaged("ema_proximal_update_safe", false), // looks at all gradients first
		{
			Name: "norm_prox_groups", Unit: Milliseconds, Warm: 8, Counted: 20,
			Bytes: 4 * 4096 * 1024 * 2,
			Prepare: func(Environment) (func(), error) {
				a, dst := normal(newRand(), 4096, 1024), tensor.New[float32](4096, 1024)
				penalty := prox.Norm[float32]{Rho: prox.Linear{Lambda: 1}, Per: prox.PerRow}
				if err := penalty.Validate(); err != nil {
					return nil, err
				}
				return func() { prox.Apply(penalty, a.Shape, dst.Data, a.Data, 0.5) }, nil
			},
		},
		{
			Name: "mirror_update", Unit: Milliseconds, Warm: 8, Counted: 20,
			Bytes: 4 * 4 * million * 4, // read dual and gradient; write dual and point
			Prepare: func(Environment) (func(), error) {
				rng := newRand()
				x := tensor.New[float32](4 * million)
				tensor.Uniform(x, rng, 0.05, 0.95)
				return update([]*nn.Param[float32]{withGradient(rng, x)}, optim.MirrorStep[float32](1e-3), false)
			},
		},
	}
}

// averaged is a proximal step along an average of gradients, in a single pass or
// not.
func averaged(name string, single bool) Workload {
	const size, params = 2_500_000, 4
	return Workload{
		Name: name, Unit: Milliseconds, Warm: 8, Counted: 20,
		Bytes: 4 * size * params * 5, // read parameter, gradient and average; write parameter and average
		Prepare: func(Environment) (func(), error) {
			rng := newRand()
			model := make([]*nn.Param[float32], params)
			for i := range model {
				model[i] = withGradient(rng, normal(rng, size))
			}
			return update(model, optim.ProximalSGDStep[float32](1e-3, 1e-4), single)
		},
	}
}

func withGradient(rng *rand.Rand, value *tensor.Tensor[float32]) *nn.Param[float32] {
	return &nn.Param[float32]{Value: value, Grad: normal(rng, value.Shape...)}
}

func update(params []*nn.Param[float32], step optim.Step[float32], single bool) (func(), error) {
	opt, err := optim.New(nn.Params[float32](params), step)
	if err != nil {
		return nil, err
	}
	opt.SinglePass = single
	return func() {
		if err := opt.Step(); err != nil {
			panic(err) // the data are finite: a kernel is wrong
		}
	}, nil
}
