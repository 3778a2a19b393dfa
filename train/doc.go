// Package train fits a model to data and measures it.
//
// [Fit] is the loop: batches from a source, a step of an optimiser on each,
// validation after each epoch, checkpoints in between. It prints nothing; an
// [Observer] hears of every step, and the curve comes back as data.
//
//	result, err := train.Fit(ctx, model, train.Config{
//		Train: digits, HoldOut: 0.1, BatchSize: 128, Shuffle: true, Seed: 1,
//		Step: optim.AdamStep[float32](1e-3), Epochs: 5,
//		Checkpoints: train.Checkpoints{Folder: "run", Every: 10 * time.Minute}, Resume: true,
//	})
//	metrics, err := train.Evaluate(ctx, model, test)
//
// [FitAutoencoder] does it for the models of package vae.
//
// The same configuration gives the same weights to the last bit: on one core
// and on many, and whether a run went through or was killed at any moment and
// resumed, any number of times.
package train
