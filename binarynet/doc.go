// Package binarynet trains networks of binary weights by mirror descent on the
// probabilities of the weights, and runs them in bits.
//
// A weight is +1 with probability x. The relaxed loss, as a function of x in
// (0, 1)^n, is minimised by the Bernoulli mirror step of problem 11: the logits y
// of the probabilities move against the gradient in x, y ← y − ε·g, and x is
// their sigmoid. The logits are the state, so a weight that was decided too soon
// can come back. What a batch sees is one of three maps of x: the mean 2x − 1,
// a draw, or the sign, which makes the same update the straight-through
// estimator on latent weights y; and with [Hysteresis] for a map it is Bop.
//
//	model := binarynet.NewMLP[float32]([]int{784, 512, 512, 10}, binarynet.Options{Train: binarynet.Sign, Bits: true}, rng)
//	result, err := train.Fit(ctx, &modelfile.Model{Net: model, …}, train.Config{
//		Step:   optim.AdamStep[float32](1e-3), // of the normalisations
//		Groups: []optim.Group[float32]{binarynet.Group(binarynet.MirrorStep[float32](optim.Cosine{From: 0.1, To: 0.001, Steps: steps}))},
//		…
//	})
//	packed, err := binarynet.Pack(model)
//	logits, err := packed.Logits(x)
//
// A trained model predicts with the signs, the means, or an [Ensemble] of
// [Draws], each with normalisations of its own; [Decided] says how much they can
// differ. [Pack] turns a network whose activations are signs too into exclusive
// ors and counts of bits, which AVX2 looks up four at a time.
package binarynet
