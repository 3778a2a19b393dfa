// Package losses holds what training minimises, and what describes how well a
// classifier's probabilities fit: losses on a tape, with their gradients, and
// divergences and calibration on plain slices.
//
// Losses take logits, never probabilities, wherever both would do: a
// log-softmax of logits is exact where the logarithm of a softmax is −Inf.
// Labels and targets are data; no gradient flows into them.
//
//	logits := model.Forward(pass, x)
//	loss := losses.CrossEntropy(logits, labels, losses.CrossEntropyOptions{})
//	pass.Tape.Backward(loss)
package losses
