// Package vae trains and judges variational autoencoders whose decoder variance
// is solved for, not tuned.
//
// For a Gaussian decoder N(x; μ(z), σ²I) the best σ² has a closed form, the mean
// squared residual. Put back into the evidence lower bound it leaves the loss
// (d/2)·log(mse) + KL, whose gradient in μ is the one with σ² held at its
// optimum. [OptimalGaussian] is that loss as an operation on a tape, with one
// variance, one per dimension or one per example; [Model] and [Fit] train with
// it, estimate the variance on the training data and freeze it. What any other
// weight of the two terms means is in the dictionary [VarianceOfBeta].
//
// [Measure] gives the ledger of a model: nats paid for the code (rate) and for
// what it leaves out (distortion), how many latent units carry anything, what
// σ = 1 would have cost, and, where the model ignores its code, why.
//
//	m := vae.NewMLP[float32]([]int{784}, []int{400}, 20, vae.Gaussian, rng)
//	m.BoundMean(0.13) // for pixels from 0 to 1, whose mean that is
//	result, err := vae.Fit(ctx, m, source, vae.Config{
//		Objective: vae.Plain(), BatchSize: 128, Epochs: 12, Step: optim.AdamStep[float32](1e-3),
//	})
//	ledger, err := vae.Measure(ctx, m, test, vae.Measurement{Trained: vae.Plain(), Samples: 1})
//
// The closed forms themselves are float64 functions on slices: [OptimalVariance],
// [OptimalLoss], [LogDensity], [ClampedVariance], [LinearDecoder.ELBO]; and the linear
// case, whose likelihood is known exactly, is [PPCA].
package vae
