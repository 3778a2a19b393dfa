// Package prune takes out of a network what does nothing in it.
//
// A unit whose weights are exactly 0, as a penalty on rows leaves them, has the
// same output for every input: its constant goes into the biases of the layer
// that reads it. A unit that nothing reads goes too. What is left computes the
// same and is smaller: a network to predict with, or to train on.
//
//	pruned, report, err := prune.Net[float32](model.Net, model.Input)
//
// [prox.Norm] with [prox.PerRow] is the penalty that makes such rows.
package prune
