// Package optim takes training steps. A step is three independent choices:
//
//	argmin over θ of ⟨m, θ−θᵗ⟩ + R(θ) + D(θ, θᵗ)/ε
//
// an [Estimator] of the descent direction m from gradients, a penalty R and a
// geometry D from package prox. The step is solved exactly; a pair R, D that
// has no closed form is refused when the optimiser is built.
//
//	opt, err := optim.New(nn.Params[float32](model), optim.AdamStep[float32](1e-3))
//	…
//	err = opt.Step() // after each backward pass
//
// The functions that end in Step, such as [AdamStep], are the only place with
// default numbers: to differ, change a field of what they return.
package optim
