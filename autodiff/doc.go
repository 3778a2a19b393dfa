// Package autodiff differentiates computations on tensors in reverse mode: it
// linearises, so that others can solve what is left exactly.
//
// A [Tape] records operations as they are computed, eagerly, and plays their
// pullbacks in reverse. An operation is one file: a function that computes its
// value and ends in [Record], and beside it a small struct with a Pull method.
// Any package can define one; there is no list to add it to, except the table
// of gradient checks, which a test insists on.
//
//	tape := autodiff.NewTape[float64]()
//	x := tape.Variable(tensor.From([]float64{1, 2, 3}, 3))
//	y := autodiff.Sum(autodiff.Mul(x, x))
//	tape.Backward(y) // x.Grad is [2 4 6]
//
// [Check] holds the gradient of any function, operation or layer against the
// function itself, and names what is wrong with one that is wrong.
//
// The tape owns the memory: after [Tape.Reset] the same computation runs again
// without allocating. Only gradients that are asked for are computed.
package autodiff
