package bench

import (
	"github.com/gradus-ml/gradus/autodiff"
	"github.com/gradus-ml/gradus/nn"
	"github.com/gradus-ml/gradus/optim"
	"github.com/gradus-ml/gradus/vae"
)

// autoencoders is a training step of a variational autoencoder on the loss with
// the optimal shared variance put in, by Adam.
func autoencoders() []Workload {
	const batch, d, hidden, latent = 128, 784, 400, 20
	multiplyAdds := float64(d*hidden + hidden*2*latent + latent*hidden + hidden*d)
	return []Workload{{
		Name: "vae_step", Unit: Milliseconds, Warm: 8, Counted: 60,
		Operations: 2 * batch * (3*multiplyAdds - d*hidden), // no gradient in the data
		Prepare: func(Environment) (func(), error) {
			rng := newRand()
			model := vae.NewMLP[float32]([]int{d}, []int{hidden}, latent, vae.Gaussian, rng)
			opt, err := optim.New(nn.Params[float32](model), optim.AdamStep[float32](1e-3))
			if err != nil {
				return nil, err
			}
			x := uniform(rng, batch, d)
			pass := &nn.Pass[float32]{Tape: autodiff.NewTape[float32](), Train: true, Rand: rng}
			return func() {
				pass.Tape.Reset()
				distortion, rate := model.Loss(pass, x, vae.Plain())
				pass.Tape.Backward(autodiff.Add(distortion, rate))
				if err := opt.Step(); err != nil {
					panic(err) // the data are finite: a kernel is wrong
				}
			}, nil
		},
	}}
}
